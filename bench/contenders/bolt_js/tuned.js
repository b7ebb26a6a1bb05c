// bolt-js with what it lets one tune: a cached authorize, no conversation store, views as text.
const { App } = require('@slack/bolt');
const { SCREENS, botToken, lines, register } = require('./app');

const TEXTS = Object.fromEntries(
  Object.entries(SCREENS).map(([name, screen]) => [name, JSON.stringify(screen)]),
);
const known = new Map();

async function authorize({ teamId }) {
  if (!known.has(teamId)) {
    known.set(teamId, { botToken: botToken(teamId), botId: 'B1', botUserId: 'U0BOT', teamId });
  }
  return known.get(teamId);
}

function drawText(name, teamId) {
  const escaped = JSON.stringify(lines(teamId)).slice(1, -1);
  return TEXTS[name].replace('%SOURCES%', escaped).replace('%TEAM%', teamId);
}

const app = new App({
  signingSecret: process.env.SLACK_SIGNING_SECRET,
  authorize,
  convoStore: false,
  ignoreSelf: false,
  attachFunctionToken: false,
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL, retryConfig: { retries: 0 } },
  logLevel: 'error',
});
register(app, drawText);
app.start(Number(process.env.PORT));
