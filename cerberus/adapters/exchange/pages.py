"""Read a list of a venue page by page, until a page brings nothing new."""

from collections.abc import Awaitable, Callable
from typing import Any

#: what Gate.io gives at once where it is not asked for another number
PAGE = 100
#: how far back is looked where no moment is given
FILL_PAGES = 10

Page = dict[str, Any]


async def all_pages(
    fetch: Callable[[Page], Awaitable[list[Any]]], *, is_swap: bool, pages: int | None = None
) -> list[Any]:
    """Return everything that a listing has, each item once.

    Gate.io counts futures by an offset and spot by pages, and of spot's open orders so many for
    each pair. A venue that does not page answers the same again, which ends it too.
    """
    found: dict[str, Any] = {}
    number = 0
    while pages is None or number < pages:
        asked = {"offset": number * PAGE} if is_swap else {"page": number + 1}
        page = await fetch(asked if number else {})
        known = len(found)
        found.update({str(raw["id"]): raw for raw in page})
        number += 1
        if len(page) < PAGE or len(found) == known:
            break
    return list(found.values())
