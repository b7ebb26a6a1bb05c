"""A Slack on one machine that refuses what Slack refuses and writes down each breach.

`world.SlackWorld` is the way in: it holds workspaces and people (`world.person("ada")`), takes the
app's Web API calls over HTTP (`world.routes()`) and sends the app commands, interactions and events
as its manifest declares them. `blocks` knows which blocks Slack accepts.
"""
