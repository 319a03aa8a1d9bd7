"""Gate.io API v4: what its requests look like and how its answers are written."""
