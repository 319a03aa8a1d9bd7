"""What trading would have been by history alone: pure, and by the rules of `domain.matching`."""
