"""Workers, heartbeats and shutdown."""
