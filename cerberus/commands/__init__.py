"""What the commands of `cerberus` do; each returns the text that is printed."""
