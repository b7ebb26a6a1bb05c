"""A Slack and a Segment on one machine, for any Slack app and its tests."""
