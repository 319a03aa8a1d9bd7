"""Batch steps that flows run as short Python processes; clients of the API."""
