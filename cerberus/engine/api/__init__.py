"""Kestra's REST API over the embedded engine."""
