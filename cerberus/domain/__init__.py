"""Pure trading rules: no I/O, no clock. Files in the order in which data flows."""
