"""Lists that a venue gives page by page."""

from typing import Any

import pytest

from cerberus.adapters.exchange.pages import PAGE, all_pages


class Venue:
    """Lists numbered items; `every` item at once when it does not page."""

    def __init__(self, count: int, *, does_page: bool = True) -> None:
        self.items = [{"id": number} for number in range(count)]
        self.does_page = does_page
        self.asked: list[dict[str, Any]] = []

    async def __call__(self, page: dict[str, Any]) -> list[Any]:
        self.asked.append(page)
        if not self.does_page:
            return self.items
        begin = page.get("offset", (page.get("page", 1) - 1) * PAGE)
        return self.items[begin : begin + PAGE]


@pytest.mark.parametrize("count", [0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE])
@pytest.mark.parametrize("is_swap", [True, False])
@pytest.mark.parametrize("does_page", [True, False])
async def test_every_item_is_listed_once(count: int, is_swap: bool, does_page: bool) -> None:
    venue = Venue(count, does_page=does_page)
    assert await all_pages(venue, is_swap=is_swap) == venue.items


async def test_the_first_page_is_asked_for_plainly_and_each_market_counts_its_own_way() -> None:
    swap, spot = Venue(PAGE + 1), Venue(PAGE + 1)
    await all_pages(swap, is_swap=True)
    await all_pages(spot, is_swap=False)
    assert (swap.asked, spot.asked) == ([{}, {"offset": PAGE}], [{}, {"page": 2}])


async def test_no_more_pages_are_asked_for_than_wanted() -> None:
    venue = Venue(5 * PAGE)
    assert len(await all_pages(venue, is_swap=True, pages=2)) == 2 * PAGE
