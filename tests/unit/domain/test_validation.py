from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from cerberus.domain.market import Instrument
from cerberus.domain.signals import EntryType, Level, Side, Size, SizeUnit
from cerberus.domain.validation import SignalRules, validate
from tests.unit.domain.examples import NOW, QUOTE, SWAP, signal

RULES = SignalRules()
BUY, SELL = Side.BUY, Side.SELL
MID = QUOTE.mid  # 9999.95


def price(text: str) -> Level:
    return Level(Decimal(text))


def percent(text: str) -> Level:
    return Level(Decimal(text), is_percent=True)


def fields(instrument: Instrument | None = SWAP, **changes: Any) -> list[str]:
    problems = validate(signal(**changes), instrument, QUOTE, NOW, RULES)
    assert all(problem.reason for problem in problems)
    return [problem.field for problem in problems]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, []),
        ({"created_at": NOW - timedelta(minutes=5)}, []),
        ({"created_at": NOW - timedelta(minutes=5, microseconds=1)}, ["created_at"]),
        ({"created_at": NOW + timedelta(seconds=5)}, []),
        ({"created_at": NOW + timedelta(seconds=5, microseconds=1)}, ["created_at"]),
        ({"expires_at": NOW}, ["expires_at"]),
        ({"expires_at": NOW + timedelta(microseconds=1)}, []),
        ({"confidence": Decimal(0)}, []),
        ({"confidence": Decimal(1)}, []),
        ({"confidence": Decimal("1.0000001")}, ["confidence"]),
        ({"confidence": Decimal("-0.0000001")}, ["confidence"]),
        ({"confidence": Decimal("NaN")}, ["confidence"]),
    ],
)
def test_checks_times_and_confidence(changes: dict[str, Any], wrong: list[str]) -> None:
    assert fields(**changes) == wrong


@pytest.mark.parametrize(
    ("size", "wrong"),
    [
        (Size(Decimal(0)), []),
        (Size(Decimal("0.0001")), []),
        (Size(Decimal("0.00005")), ["quantity"]),
        (Size(Decimal("0.00015")), ["quantity"]),
        (Size(Decimal("-0.0001")), ["quantity"]),
        (Size(Decimal("NaN")), ["quantity"]),
        (Size(Decimal("Infinity")), ["quantity"]),
        (Size(Decimal("1000000000000.00005")), ["quantity"]),
        (Size(Decimal("-1"), SizeUnit.USD), ["size_usd"]),
        (Size(Decimal("12.3456789"), SizeUnit.USD), []),
        (Size(Decimal("NaN"), SizeUnit.PERCENT), ["size_percent"]),
        (Size(Decimal("33.3"), SizeUnit.PERCENT), []),
    ],
)
def test_an_invalid_size_is_refused_under_its_own_name(size: Size, wrong: list[str]) -> None:
    assert fields(size=size) == wrong


def test_a_quantity_below_the_venues_minimum_is_refused() -> None:
    market = replace(SWAP, quantity_min=Decimal("0.001"))

    assert fields(market, size=Size(Decimal("0.0009"))) == ["quantity"]
    assert fields(market, size=Size(Decimal("0.001"))) == []


def test_an_unknown_symbol_is_refused_beside_what_else_is_wrong() -> None:
    assert fields(None, confidence=Decimal(2)) == ["confidence", "symbol"]


@pytest.mark.parametrize(
    ("limit", "wrong"),
    [
        (None, ["price"]),
        ("9000", []),
        ("8999.9", ["price"]),
        ("10999.9", []),
        ("11000.0", ["price"]),
        ("9000.05", ["price"]),
        ("0", ["price"]),
        ("-5", ["price"]),
        ("NaN", ["price", "price"]),
    ],
)
def test_a_limit_price_lies_on_the_tick_and_in_the_band(
    limit: str | None, wrong: list[str]
) -> None:
    given = None if limit is None else Decimal(limit)

    assert fields(entry_type=EntryType.LIMIT, price=given) == wrong


@pytest.mark.parametrize(
    ("side", "stop", "target", "wrong"),
    [
        (BUY, price("9900"), price("10100"), []),
        (BUY, price("10100"), price("9900"), ["stop_loss", "take_profit"]),
        (BUY, Level(MID), Level(MID), ["stop_loss", "take_profit"]),
        (SELL, price("10100"), price("9900"), []),
        (SELL, price("9900"), price("10100"), ["stop_loss", "take_profit"]),
        (SELL, Level(MID), Level(MID), ["stop_loss", "take_profit"]),
        (BUY, percent("2"), percent("4"), []),
        (SELL, percent("2"), percent("4"), []),
        (BUY, percent("50"), percent("50"), []),
        (BUY, percent("50.000001"), percent("50.000001"), ["stop_loss", "take_profit"]),
        (SELL, percent("50.000001"), percent("50.000001"), ["stop_loss", "take_profit"]),
        (SELL, None, percent("100"), ["take_profit"]),
        (SELL, None, percent("1000"), ["take_profit"]),
        (BUY, price("0"), None, ["stop_loss"]),
        (BUY, price("-1"), None, ["stop_loss"]),
        (BUY, price("NaN"), price("Infinity"), ["stop_loss", "take_profit"]),
    ],
)
def test_exits_lie_on_the_right_side_and_within_reach(
    side: Side, stop: Level | None, target: Level | None, wrong: list[str]
) -> None:
    assert fields(side=side, stop_loss=stop, take_profit=target) == wrong


def test_exits_of_a_limit_entry_are_measured_from_its_price() -> None:
    limit = {"entry_type": EntryType.LIMIT, "price": Decimal(9500)}

    assert fields(**limit, stop_loss=price("9400")) == []
    assert fields(**limit, stop_loss=price("9600")) == ["stop_loss"]


def test_without_a_quote_prices_are_left_for_later() -> None:
    wanted = signal(stop_loss=price("20000"))

    assert validate(wanted, SWAP, None, NOW, RULES) == []
