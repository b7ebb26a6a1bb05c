"""A Slack on one machine. It refuses what Slack refuses and records each breach.

Start with `world.SlackWorld`. It holds workspaces and people (`world.person("ada")`), answers the
app's Web API calls over HTTP (`world.routes()`), and sends the app the commands, interactions and
events that its manifest declares. `blocks` knows which blocks Slack accepts.
"""
