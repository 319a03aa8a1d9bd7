"""One use case per file, over ports only."""
