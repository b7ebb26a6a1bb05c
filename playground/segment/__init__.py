"""A simulated Segment: its Public API in two regions, its legacy Config API and its CDN."""

from playground.segment.world import Clock, SegmentWorld

__all__ = ["Clock", "SegmentWorld"]
