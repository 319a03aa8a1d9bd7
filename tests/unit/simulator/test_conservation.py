"""Whatever happens, money is neither made nor lost: ledgers, fills, fees and profits add up."""

from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cerberus.simulator.entities import FUTURES, SPOT, ClosedPosition, Fill, LedgerEntry
from cerberus.simulator.futures_account import available, position_margin, total_order_margin
from cerberus.simulator.store import Search
from tests.unit.simulator.in_process import InProcess

D = Decimal
ALL = Search(limit=100_000)
TINY = D("1e-8")

moves = st.tuples(st.just("move"), st.integers(3000, 6000))
times = st.tuples(st.just("wait"), st.integers(1, 40_000))
futures = st.tuples(
    st.just("futures"),
    st.integers(-20_000, 20_000).filter(bool),
    st.sampled_from(["0", "4400", "4500", "4600"]),
    st.sampled_from(["gtc", "ioc", "fok", "poc"]),
    st.booleans(),
)
spot = st.tuples(
    st.just("spot"),
    st.sampled_from(["buy", "sell"]),
    st.integers(1, 3_000_000),
    st.sampled_from([None, "4400", "4500", "4600"]),
)
triggers = st.tuples(
    st.just("trigger"),
    st.integers(-20_000, 20_000).filter(bool),
    st.integers(3500, 5500),
    st.booleans(),
)
leverages = st.tuples(st.just("leverage"), st.integers(1, 100))
cancels = st.tuples(st.just("cancel"))
steps = st.lists(
    st.one_of(moves, times, futures, spot, triggers, leverages, cancels), min_size=1, max_size=25
)


def act(venue: InProcess, step: tuple[Any, ...]) -> int:
    """Do one thing; a refusal is a fine answer, a failure of the venue never is."""
    futures_path = "/api/v4/futures/usdt"
    match step:
        case ("wait", seconds):
            venue.wall.seconds += seconds
            return 200
        case ("move", price):
            venue.move(str(price), hold_seconds=600)
            return 200
        case ("futures", size, price, tif, reduce_only):
            body = {"contract": "BTC_USDT", "size": size, "price": price, "tif": tif}
            body |= {"reduce_only": reduce_only}
            path = f"{futures_path}/orders"
        case ("spot", side, micro, price):
            body = {"currency_pair": "BTC_USDT", "side": side, "price": price}
            body |= {"type": "limit" if price else "market"}
            is_cost = side == "buy" and price is None
            body |= {"amount": str(D(micro) / 1000 if is_cost else D(micro) / 1_000_000)}
            path = "/api/v4/spot/orders"
        case ("trigger", size, price, reduce_only):
            initial = {"contract": "BTC_USDT", "size": size, "price": "0", "tif": "ioc"}
            last = venue.exchange.venue.last("BTC")
            trigger = {"price": str(price), "rule": 1 if price > last else 2}
            body = {"initial": initial | {"reduce_only": reduce_only}, "trigger": trigger}
            path = f"{futures_path}/price_orders"
        case ("leverage", leverage):
            query = f"leverage={leverage}"
            return venue.send("POST", f"{futures_path}/positions/BTC_USDT/leverage", query).status
        case _:
            return venue.send("DELETE", f"{futures_path}/orders").status
    return venue.send("POST", path, body=orjson.dumps(body)).status


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_money_is_conserved(actions: list[tuple[Any, ...]]) -> None:
    with InProcess() as venue:
        venue.move("4500")
        for action in actions:
            assert act(venue, action) < 500
        venue.account()
        check_wallets(venue)
        check_futures(venue)
        check_spot(venue)


def check_wallets(venue: InProcess) -> None:
    """Each wallet is the sum of its ledger, and only deposits come from outside."""
    inner = venue.exchange.venue
    entries = inner.store.find(LedgerEntry, ALL)
    for (account, currency), total in inner.state.wallets.items():
        own = [one for one in entries if (one.account, one.currency) == (account, currency)]
        assert sum(one.change for one in own) == total
        assert own[0].balance == total


def check_futures(venue: InProcess) -> None:
    """Cash flow, open value and fees explain the wallet; margin never exceeds it by design."""
    inner = venue.exchange.venue
    fills = [one for one in inner.store.find(Fill, ALL) if one.account == FUTURES]
    multiplier = inner.markets.futures["BTC_USDT"].multiplier
    signed = [(one, one.quantity if one.side == "buy" else -one.quantity) for one in fills]
    position = inner.state.positions.get("BTC_USDT")
    size = position.size if position else D(0)
    assert sum((quantity for _, quantity in signed), D(0)) == size

    cash = -sum((one.price * quantity * multiplier for one, quantity in signed), D(0))
    entry = position.exposure.entry_price if position else D(0)
    fees = sum((one.fee for one in fills), D(0))
    entries = [one for one in inner.store.find(LedgerEntry, ALL) if one.account == FUTURES]
    funding = sum((one.change for one in entries if one.kind == "fund"), D(0))
    profit = cash + size * multiplier * entry
    assert inner.state.balance(FUTURES, "USDT") == pytest.approx(
        10_000 + profit - fees + funding, abs=TINY
    )
    closed = inner.store.find(ClosedPosition, ALL)
    history = sum((one.pnl_pnl + one.pnl_fee + one.pnl_fund for one in closed), D(0))
    assert (position.history_pnl if position else D(0)) == history
    realised = position.realised if position else D(0)
    assert inner.state.balance(FUTURES, "USDT") == pytest.approx(
        10_000 + history + realised, abs=TINY
    )
    total = inner.state.balance(FUTURES, "USDT")
    assert total == available(inner) + position_margin(inner) + total_order_margin(inner)
    assert total > 0


def check_spot(venue: InProcess) -> None:
    """Base and quote move by what was filled; nothing spends more than there is."""
    inner = venue.exchange.venue
    fills = [one for one in inner.store.find(Fill, ALL) if one.account == SPOT]
    base, quote = D(0), D(10_000)
    for one in fills:
        sign = 1 if one.side == "buy" else -1
        base += sign * one.quantity - (one.fee if one.fee_currency == "BTC" else 0)
        quote -= sign * one.quantity * one.price + (one.fee if one.fee_currency == "USDT" else 0)
    assert inner.state.balance(SPOT, "BTC") == base >= 0
    assert inner.state.balance(SPOT, "USDT") == quote >= 0
