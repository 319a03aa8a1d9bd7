"""One router per group of Kestra's API."""
