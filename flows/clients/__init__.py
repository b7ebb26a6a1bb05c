"""Adapters that speak HTTP: the only place in flows that does."""

from flows.clients.segment import SegmentClient, SegmentUrls
from flows.clients.transport import new_http_client

__all__ = ["SegmentClient", "SegmentUrls", "new_http_client"]
