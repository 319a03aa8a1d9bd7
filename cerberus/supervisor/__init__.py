"""Starts, watches, restarts and stops the processes of one stack; supervisord does the work."""
