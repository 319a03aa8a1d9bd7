"""Funding through the adapter, page by page, over a ledger that behaves as the venue's does."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import ccxt
import pytest

from cerberus.adapters.exchange import CcxtExchange, parsing
from cerberus.errors import Invalid, Transient
from tests.unit.adapters.test_adapter import Clock
from tests.unit.adapters.test_parsing import MARKET
from tests.unit.domain.examples import NOW, SWAP

D = Decimal
STAMP = int(NOW.timestamp()) * 1000


def line(number: int, **changes: Any) -> dict[str, Any]:
    """Return a payment as ccxt reads it from Gate.io: the id stands in the raw answer only."""
    raw = {
        "info": {"id": str(number)},
        "symbol": SWAP.symbol,
        "code": "USDT",
        "timestamp": STAMP + number * 28_800_000,
        "id": None,
        "amount": f"-0.{number}",
    }
    return raw | changes


class Ledger:
    """Newest first by pages; lines come in between two pages when a test says so."""

    id = "gate"

    def __init__(self, *numbers: int, comes_in: int | None = None, pages: bool = True) -> None:
        self.lines = [line(number) for number in numbers]
        self.comes_in = comes_in
        self.pages = pages
        self.asked: list[tuple[int, int, int]] = []

    async def load_markets(self) -> dict[str, Any]:
        return {SWAP.symbol: MARKET}

    async def fetch_funding_history(
        self, symbol: str, since: int, limit: int, parameters: dict[str, int]
    ) -> list[dict[str, Any]]:
        assert symbol == SWAP.symbol
        self.asked.append((since, limit, parameters["offset"]))
        newest = sorted(self.lines, key=lambda one: -int(one["timestamp"]))
        offset = parameters["offset"] if self.pages else 0
        page = newest[offset : offset + limit]
        if self.comes_in is not None:
            self.lines.append(line(self.comes_in))
            self.comes_in = None
        return page[::-1]


async def opened(ledger: object, page: int = 2) -> CcxtExchange:
    exchange = CcxtExchange(ledger, Clock(), funding_page=page)
    await exchange.instruments()
    return exchange


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (2, 2), (3, 2), (4, 3), (5, 3)])
async def test_reads_every_page_and_tells_the_oldest_first(count: int, pages: int) -> None:
    ledger = Ledger(*range(1, count + 1))

    found = await (await opened(ledger)).funding(SWAP.symbol, NOW)

    assert [one.venue_id for one in found] == [str(number) for number in range(1, count + 1)]
    assert ledger.asked == [(STAMP, 2, 2 * page) for page in range(pages)]


async def test_a_line_that_comes_in_between_two_pages_hides_none() -> None:
    ledger = Ledger(1, 2, 3, 4, comes_in=5)

    found = await (await opened(ledger)).funding(SWAP.symbol, NOW)

    assert [one.venue_id for one in found] == ["1", "2", "3", "4"]


async def test_a_venue_that_does_not_page_is_not_asked_for_ever() -> None:
    ledger = Ledger(1, 2, 3, pages=False)

    found = await (await opened(ledger)).funding(SWAP.symbol, NOW)

    assert [one.venue_id for one in found] == ["2", "3"]
    assert len(ledger.asked) == 2


async def test_asks_from_a_whole_second_on() -> None:
    """ccxt sends seconds and compares milliseconds: a part of a second would hide a payment."""
    ledger = Ledger()

    await (await opened(ledger)).funding(SWAP.symbol, NOW + timedelta(milliseconds=400))

    assert ledger.asked == [(STAMP, 2, 0)]


async def test_only_a_known_perpetual_is_asked_for() -> None:
    with pytest.raises(Invalid):
        await (await opened(Ledger())).funding("NO/USDT:USDT", NOW)


def test_reads_a_payment_exactly() -> None:
    told = parsing.funding(line(1, amount="-0.027722000001"), SWAP, "gate")

    assert (told.amount, told.currency) == (D("-0.027722000001"), "USDT")
    assert (told.venue, told.symbol, told.venue_id) == ("gate", SWAP.symbol, "1")
    assert told.at == NOW + timedelta(hours=8)
    assert told.position_id is None


@pytest.mark.parametrize(("changes", "expected"), [({"id": 9}, "9"), ({"info": {}}, "")])
def test_takes_the_id_that_there_is(changes: dict[str, Any], expected: str) -> None:
    assert parsing.funding(line(1, **changes), SWAP, "gate").venue_id == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": None},
        {"amount": "NaN"},
        {"code": "BTC"},
        {"code": None},
        {"timestamp": None},
        {"info": None},
    ],
)
async def test_of_a_page_with_a_line_that_cannot_be_read_nothing_is_told(
    changes: dict[str, Any],
) -> None:
    class Damaged(Ledger):
        async def fetch_funding_history(self, *_: object) -> list[dict[str, Any]]:
            return [line(1), line(2, **changes)]

    with pytest.raises(Transient, match="malformed"):
        await (await opened(Damaged())).funding(SWAP.symbol, NOW)


async def test_a_venue_that_cannot_be_reached_is_asked_again_later() -> None:
    class Silent(Ledger):
        async def fetch_funding_history(self, *_: object) -> list[dict[str, Any]]:
            raise ccxt.RequestTimeout("late")

    with pytest.raises(Transient):
        await (await opened(Silent())).funding(SWAP.symbol, NOW)
