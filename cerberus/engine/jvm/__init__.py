"""The engine process: environment, Java machine, services, start and stop."""
