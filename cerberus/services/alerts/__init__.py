"""Alerts: raise them with their cause, route them by the rules, deliver them, watch for more."""
