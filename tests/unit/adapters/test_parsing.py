from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from cerberus.adapters.exchange import parsing
from cerberus.domain.market import Instrument, MarketType
from cerberus.domain.orders import OrderStatus
from cerberus.domain.signals import Side
from tests.unit.domain.examples import NOW, SPOT, SWAP

S = OrderStatus
D = Decimal
MARKET: dict[str, Any] = {
    "symbol": "BTC/USDT:USDT",
    "base": "BTC",
    "quote": "USDT",
    "settle": "USDT",
    "spot": False,
    "swap": True,
    "linear": True,
    "contractSize": "0.0001",
    "precision": {"price": "0.1", "amount": "1"},
    "limits": {
        "amount": {"min": "2", "max": None},
        "cost": {"min": None},
        "leverage": {"min": "1", "max": "100"},
    },
    "taker": "0.0005",
    "maker": "0.0002",
    "info": {"maintenance_rate": "0.005"},
}
SPOT_MARKET = MARKET | {
    "symbol": "BTC/USDT",
    "settle": None,
    "spot": True,
    "swap": False,
    "linear": None,
    "contractSize": None,
    "precision": {"price": "0.1", "amount": "0.00001"},
    "limits": {"amount": {"min": None}, "cost": {"min": "3"}},
    "info": {},
}
#: ten base units a contract, so that a lost conversion is seen
TENFOLD = replace(SWAP, contract_size=D(10))


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "0"), ("", "0"), ("1.50", "1.50"), (0.1, "0.1"), ("1e-8", "0.00000001"), (-3, "-3")],
)
def test_reads_any_number_exactly(value: object, expected: str) -> None:
    assert parsing.number(value) == D(expected)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-inf", "sNaN", "1,5", "abc", True, {}])
def test_refuses_what_is_no_finite_number(value: object) -> None:
    with pytest.raises(ArithmeticError):
        parsing.number(value)


def test_a_time_is_aware_utc_to_the_millisecond() -> None:
    assert parsing.moment("1600000000123") == datetime(2020, 9, 13, 12, 26, 40, 123000, UTC)


def test_contracts_become_base_quantities() -> None:
    found = parsing.instrument(MARKET)

    assert (found.quantity_step, found.quantity_min) == (D("0.0001"), D("0.0002"))
    assert (found.market_type, found.contract_size) == (MarketType.SWAP, D("0.0001"))
    assert (found.leverage_max, found.maintenance_rate) == (100, D("0.005"))
    assert (found.fee_rate_taker, found.fee_rate_maker) == (D("0.0005"), D("0.0002"))


def test_a_spot_market_has_no_leverage_and_its_least_cost() -> None:
    found = parsing.instrument(SPOT_MARKET)

    assert (found.market_type, found.quote, found.contract_size) == (MarketType.SPOT, "USDT", 1)
    assert (found.quantity_min, found.notional_min, found.leverage_max) == (0, 3, 1)


def test_a_market_that_cannot_be_rounded_is_left_out_and_the_rest_stays() -> None:
    broken = {"precision": {"price": "0.1", "amount": None}}
    markets = {
        "good": MARKET,
        "spot": SPOT_MARKET,
        "no step": MARKET | broken,
        "no limits": {name: value for name, value in MARKET.items() if name != "limits"},
        "nonsense": MARKET | {"contractSize": "abc"},
        "inverse": MARKET | {"linear": False},
        "option": MARKET | {"swap": False},
    }

    assert set(parsing.instruments(markets)) == {"good", "spot"}


def test_a_quote_is_as_old_as_the_venue_says() -> None:
    book = {"bids": [["99", "1"]], "asks": [["101", "1"]], "timestamp": 1_600_000_000_000}

    found = parsing.quote("X/USDT", book, NOW)

    assert (found.bid, found.ask, found.at.year) == (99, 101, 2020)
    assert parsing.quote("X/USDT", book | {"timestamp": None}, NOW).at == NOW


@pytest.mark.parametrize(
    ("bids", "asks", "error"),
    [
        ([], [["1", "1"]], IndexError),
        ([["2", "1"]], [["1", "1"]], ValueError),
        ([["NaN", "1"]], [["1", "1"]], ArithmeticError),
        ([["0", "1"]], [["1", "1"]], ValueError),
    ],
)
def test_a_broken_book_is_no_quote(
    bids: list[Any], asks: list[Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        parsing.quote("X/USDT", {"bids": bids, "asks": asks}, NOW)


def test_reads_a_candle() -> None:
    candle = parsing.candle([1_600_000_000_000, "1", "3", "0.5", "2", "7.5"])

    found = (candle.open, candle.high, candle.low, candle.close, candle.volume)
    assert found == (1, 3, D("0.5"), 2, D("7.5"))


@pytest.mark.parametrize(
    ("status", "filled", "expected"),
    [
        ("open", "0", S.OPEN),
        ("open", "1", S.PARTLY_FILLED),
        (None, "0", S.OPEN),
        ("new word", "2", S.PARTLY_FILLED),
        ("closed", "5", S.FILLED),
        ("closed", "2", S.CANCELLED),
        ("closed", "0", S.CANCELLED),
        ("canceled", "2", S.CANCELLED),
        ("expired", "0", S.EXPIRED),
        ("rejected", "0", S.REJECTED),
    ],
)
def test_the_state_of_an_order_follows_from_what_is_filled(
    status: str | None, filled: str, expected: OrderStatus
) -> None:
    raw = {"id": 7, "status": status, "filled": filled, "amount": "5", "average": "100"}

    found = parsing.order(raw, TENFOLD)

    assert (found.venue_id, found.status) == ("7", expected)
    assert found.filled_quantity == D(filled) * 10


def test_an_order_without_a_fill_has_no_price() -> None:
    raw = {"id": "7", "status": "open", "filled": None, "amount": "5", "average": None}

    found = parsing.order(raw | {"clientOrderId": "t-x"}, SWAP)

    assert (found.average_price, found.filled_quantity, found.client_id) == (None, 0, "t-x")


def fill_raw(**changes: Any) -> dict[str, Any]:
    raw = {
        "id": 1,
        "order": 2,
        "symbol": SPOT.symbol,
        "side": "buy",
        "amount": "3",
        "price": "100",
        "timestamp": 1_600_000_000_000,
    }
    return raw | changes


def fill_of(market: Instrument = SPOT, **changes: Any) -> Any:
    return parsing.fill(fill_raw(symbol=market.symbol, **changes), market)


BASE = {"cost": "0.002", "currency": "BTC"}
COIN = {"cost": "0.5", "currency": "GT"}
ZERO = {"cost": "0", "currency": "BTC"}
EMPTY = {"cost": None, "currency": None}


@pytest.mark.parametrize(
    ("raw", "fee", "currency"),
    [
        ({"fee": BASE, "fees": [BASE]}, "0.002", "BTC"),
        ({"fee": EMPTY, "fees": [ZERO, COIN]}, "0.5", "GT"),
        ({"fee": EMPTY, "fees": [COIN, BASE]}, "0.002", "BTC"),
        ({"fee": None, "fees": []}, "0", "USDT"),
        ({}, "0", "USDT"),
        ({"fee": {"cost": "-0.01", "currency": "USDT"}}, "-0.01", "USDT"),
        ({"fee": {"cost": "0.01", "currency": None}}, "0.01", "USDT"),
    ],
)
def test_a_fill_carries_the_fee_that_changes_the_holding(
    raw: dict[str, Any], fee: str, currency: str
) -> None:
    found = fill_of(**raw)

    assert (found.fee, found.fee_currency) == (D(fee), currency)


def test_a_fill_of_contracts_is_in_base_units() -> None:
    found = fill_of(TENFOLD, amount="-3", side="sell")

    assert (found.quantity, found.side, found.fill_id) == (30, Side.SELL, "1")


POSITION = {
    "symbol": "BTC/USDT:USDT",
    "side": "short",
    "contracts": "3",
    "entryPrice": "100",
    "initialMargin": "60",
    "unrealizedPnl": "-5",
    "leverage": "5",
    "liquidationPrice": "118",
    "info": {"margin": "61"},
}


def test_reads_a_position() -> None:
    found = parsing.position(POSITION, TENFOLD)

    assert (found.side, found.quantity, found.margin) == (Side.SELL, 30, 61)
    assert (found.entry_price, found.unrealised_pnl, found.leverage) == (100, -5, 5)
    assert found.liquidation_price == 118
    rest = parsing.position(POSITION | {"liquidationPrice": "0", "info": {}}, TENFOLD)
    assert (rest.liquidation_price, rest.margin) == (None, 60)


@pytest.mark.parametrize("side", [None, "both", "buy"])
def test_a_position_whose_side_is_not_known_is_never_guessed(side: str | None) -> None:
    with pytest.raises(KeyError):
        parsing.position(POSITION | {"side": side}, TENFOLD)


@pytest.mark.parametrize(
    ("info", "placed", "outcome"),
    [
        ({}, None, ""),
        ({"trade_id": "0", "finish_as": "cancelled"}, None, "cancelled"),
        ({"trade_id": 55, "status": "finished"}, "55", "finished"),
        ({"fired_order_id": "77"}, "77", ""),
    ],
)
def test_a_trigger_names_the_order_that_it_placed(
    info: dict[str, Any], placed: str | None, outcome: str
) -> None:
    raw = {
        "id": 9,
        "side": "sell",
        "amount": "-2",
        "triggerPrice": "98",
        "status": "open",
        "timestamp": 1_600_000_000_000,
        "info": info,
    }

    found = parsing.trigger(raw, TENFOLD)

    assert (found.venue_id, found.quantity, found.trigger_price) == ("9", 20, 98)
    assert (found.order_venue_id, found.outcome, found.is_open) == (placed, outcome, True)
