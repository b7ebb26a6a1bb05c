"""Benchmarks: CPU of whole processes, side by side with others that do the same work.

`make bench` runs them; docs/performance.md says how to read them.
"""
