"""One router per resource; no decisions about trading here."""
