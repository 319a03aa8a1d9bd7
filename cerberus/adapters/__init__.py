"""The only code that imports an I/O library."""
