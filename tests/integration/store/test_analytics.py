"""The statistics read what the store keeps, on both databases, in the order of closing."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from cerberus.adapters.analytics import reading
from cerberus.adapters.analytics.__main__ import measure
from cerberus.domain.analytics.columns import Span
from cerberus.domain.signals import Side
from cerberus.ports import Transaction
from tests.integration.store.conftest import OpenStore
from tests.integration.store.examples import NOW, SYMBOL, position, settled, trade

D = Decimal
DAY = timedelta(days=1)


def add_closed(transaction: Transaction, number: int, days: float, **more: object) -> None:
    transaction.signals.add(settled(number))
    planned = {"entry_price": D(100), "side": Side.BUY, "strategy": "cross"}
    transaction.trades.add(trade(number, **planned))
    values = {
        "symbol": SYMBOL,
        "side": Side.BUY,
        "opened_at": NOW + days * DAY - timedelta(hours=6),
        "closed_at": NOW + days * DAY,
        "entry_price": D(101),
        "entered_quantity": D(2),
        "realised_pnl": D(10),
        "fees": D("0.5"),
        "funding": D("-0.25"),
    }
    transaction.positions.add(position(number, **(values | more)))


@pytest.fixture
def filled_url(open_store: OpenStore, url: str) -> str:
    """Return the URL of a store with some trades."""

    def fill(transaction: Transaction) -> None:
        transaction.facts.put("performance", {"starting_equity": "1000"}, NOW)
        add_closed(transaction, 1, -3, realised_pnl=D("50.75"))
        add_closed(transaction, 2, 0.5, realised_pnl=D("-3.123456789012345678"))
        add_closed(transaction, 3, 0.25, side=Side.SELL, entry_price=D(99))
        add_closed(transaction, 4, 2)
        add_closed(transaction, 5, 0.9, closed_at=None, symbol="ETH/USDT")

    open_store().write(fill)
    return url


@pytest.mark.parametrize("added_up_to", [0, 50_000])
def test_a_range_has_its_trades_with_exact_sums_and_the_equity_before_them(
    filled_url: str, monkeypatch: pytest.MonkeyPatch, added_up_to: int
) -> None:
    monkeypatch.setattr(reading, "PART", 1)
    # a long history before the range is taken from the sums that are kept
    monkeypatch.setattr(reading, "ADDED_UP_TO", added_up_to)

    found = measure(filled_url, Span(NOW, NOW + DAY))

    assert (found.equity_start, found.total.trades) == (D(1050), 2)
    assert found.total.net == D("-3.123456789012345678") + 10 - D("1.5")
    assert (found.total.fees, found.costs.funding) == (1, D("-0.5"))
    assert [point.equity for point in found.curve][1:] == [
        D("1059.25"),
        D("1059.25") - D("3.873456789012345678"),
    ]
    # bought at 101 and sold at 99 where 100 was planned, two of each
    assert found.costs.slippage_usd == pytest.approx(4)
    assert found.costs.slippage_rate == pytest.approx(4 / 400)
    assert found.open_positions == 1
    assert set(found.by_strategy) == {"cross"}
    assert set(found.by_symbol) == {SYMBOL}


@pytest.mark.parametrize("days", [(-4, 4), (0, 1), (-3, 0.3)])
def test_two_processes_count_what_one_does(filled_url: str, days: tuple[float, float]) -> None:
    span = Span(*(NOW + one * DAY for one in days))

    alone, helped = measure(filled_url, span), measure(filled_url, span, alone_up_to=2)

    assert helped == alone


def test_the_edges_of_a_range_are_its_first_moment_and_the_one_before_its_end(
    filled_url: str,
) -> None:
    closed = NOW + 2 * DAY

    assert measure(filled_url, Span(closed, closed + DAY)).total.trades == 1
    assert measure(filled_url, Span(closed - DAY, closed)).total.trades == 0


def test_an_empty_store_has_an_empty_report(open_store: OpenStore, url: str) -> None:
    open_store()

    found = measure(url, Span(NOW, NOW + DAY))

    assert (found.total.trades, found.equity_end, found.ratios.sharpe) == (0, 0, None)
    assert json.dumps([one.trades for one in found.days]) == "[0]"
