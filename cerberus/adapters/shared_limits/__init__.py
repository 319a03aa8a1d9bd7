"""The request limits that several processes share, kept in Redis."""

from cerberus.adapters.shared_limits.redis_ledger import open_redis_ledger

__all__ = ["open_redis_ledger"]
