"""Pure functions from the domain to what Slack draws."""
