"""The HTTP API of Cerberus."""
