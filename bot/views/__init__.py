"""Pure functions that turn the state of a set-up into what Slack draws."""
