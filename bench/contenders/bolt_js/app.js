// What both contenders do: bolt-js with the same screens and the same reads.
const fs = require('node:fs');
const path = require('node:path');
const { Database } = require('node-sqlite3-wasm');

const database = new Database(process.env.DATABASE);
database.exec('PRAGMA synchronous = OFF'); // it keeps no log to write to, and CPU is measured, not the disk
const SCREENS = JSON.parse(fs.readFileSync(path.join(__dirname, '..', 'screens.json'), 'utf8'));
const read = database.prepare('SELECT bot_token, sources FROM setups WHERE team_id = ?');
const fail = database.prepare('UPDATE setups SET failed_tries = failed_tries + 1 WHERE team_id = ?');
const remember = database.prepare('INSERT OR IGNORE INTO events VALUES (?)');

const botToken = (teamId) => read.get([teamId]).bot_token;

function lines(teamId) {
  const sources = JSON.parse(read.get([teamId]).sources);
  return sources.map(([label, state]) => `*${label}*: ${state}`).join('\n');
}

function draw(name, teamId) {
  const values = { '%SOURCES%': lines(teamId), '%TEAM%': teamId };
  return JSON.parse(JSON.stringify(SCREENS[name]), (_key, value) => values[value] ?? value);
}

function register(app, drawView) {
  app.command('/segment', async ({ ack, body, client }) => {
    if (body.text === 'status') {
      await ack(draw('status', body.team_id));
      return;
    }
    await ack();
    await client.views.open({ trigger_id: body.trigger_id, view: drawView('live_sync', body.team_id) });
  });
  app.action('go_to', async ({ ack, body, client }) => {
    await ack();
    await client.views.update({ view_id: body.view.id, view: drawView('sources', body.team.id) });
  });
  app.view('setup_credentials', async ({ ack, body }) => {
    fail.run([body.team.id]);
    await ack({
      response_action: 'errors',
      errors: { field_token: 'This does not look like a token.' },
    });
  });
  app.event('app_home_opened', async ({ event, body, client }) => {
    remember.run([body.event_id]);
    await client.views.publish({ user_id: event.user, view: drawView('home', body.team_id) });
  });
  app.event('message', async ({ body }) => {
    remember.run([body.event_id]);
  });
}

module.exports = { SCREENS, botToken, draw, lines, register };
