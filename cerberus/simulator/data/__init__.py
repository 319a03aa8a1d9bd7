"""Bundled candles, contract terms and funding rates; see README.md for their sources."""
