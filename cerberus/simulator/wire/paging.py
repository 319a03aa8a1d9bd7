"""Pages and time ranges of list requests."""

from dataclasses import replace

from cerberus.simulator.store import Search
from cerberus.simulator.wire.values import Fields, integer_of

_FAR = 1 << 40


def page_of(query: Fields, search: Search, limit_max: int = 1000) -> Search:
    """Add `limit`, `page` or `offset`, `from` and `to` (seconds) and `last_id` to a search."""
    limit = integer_of(query, "limit", 100, 1, limit_max)
    page = integer_of(query, "page", 1, 1, 1_000_000)
    offset = integer_of(query, "offset", (page - 1) * limit, 0, 1 << 40)
    since = integer_of(query, "from", 0, 0, _FAR)
    until = integer_of(query, "to", _FAR, 0, _FAR)
    return replace(
        search,
        limit=limit,
        offset=offset,
        since_ms=since * 1000,
        until_ms=until * 1000 + 999,
        before_id=integer_of(query, "last_id", 0, 0, 1 << 60),
    )
