// bolt-js as its documentation shows it, for many workspaces.
// https://docs.slack.dev/tools/bolt-js/concepts/authenticating-oauth/
const { App } = require('@slack/bolt');
const { botToken, draw, register } = require('./app');

const app = new App({
  signingSecret: process.env.SLACK_SIGNING_SECRET,
  clientId: '1.1',
  clientSecret: 'client',
  stateSecret: 'state',
  scopes: ['commands'],
  installationStore: {
    storeInstallation: async () => {},
    fetchInstallation: async ({ teamId }) => ({
      team: { id: teamId },
      user: { id: 'U1', token: undefined, scopes: undefined },
      bot: { id: 'B1', userId: 'U0BOT', token: botToken(teamId), scopes: ['commands'] },
    }),
  },
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL },
  logLevel: 'error',
});
register(app, draw);
app.start(Number(process.env.PORT));
