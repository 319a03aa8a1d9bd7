"""Benchmarks: one module a group, run with `scripts/bench`; see harness.py."""
