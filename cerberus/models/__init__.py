"""Numbers in, numbers out: indicators and statistical models."""
