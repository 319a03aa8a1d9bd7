"""Kestra 2.0 embedded in a Python process, and its REST API."""
