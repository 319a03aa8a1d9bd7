"""What comes in from outside: who may send it, and what senders' bodies mean."""
