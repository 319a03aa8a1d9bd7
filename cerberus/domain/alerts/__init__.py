"""Alerts: what a person has to know, by which rules it is told, and what becomes of telling it."""
