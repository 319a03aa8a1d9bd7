"""Kestra's beans behind plain Python: the only package that talks to Java once the engine is up."""
