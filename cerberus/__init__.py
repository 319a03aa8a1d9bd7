"""Cerberus: Kestra decides when, the API decides whether, and does it."""

__version__ = "0.1.0"
