"""Retry, rate limiting and breakers; clock and state are passed in."""
