"""How trading went over a range of time: statistics of closed trades, read once and in order."""
