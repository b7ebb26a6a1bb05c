"""Checks whether Slack would accept blocks and views."""

from playground.slack.blocks.check import check_blocks, check_mrkdwn, check_view

__all__ = ["check_blocks", "check_mrkdwn", "check_view"]
