from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from cerberus.domain.market import Instrument
from cerberus.domain.signals import EntryType, Level, Side, Size, SizeUnit, TimeInForce
from cerberus.domain.validation import Problem, SignalRules, validate
from tests.unit.domain.examples import NOW, QUOTE, SWAP, signal

RULES = SignalRules()
BUY, SELL = Side.BUY, Side.SELL
MID = QUOTE.mid  # 9999.95


def price(text: str) -> Level:
    return Level(Decimal(text))


def percent(text: str) -> Level:
    return Level(Decimal(text), is_percent=True)


def problems(instrument: Instrument | None = SWAP, **changes: Any) -> list[Problem]:
    return validate(signal(**changes), instrument, QUOTE, NOW, RULES)


def fields(instrument: Instrument | None = SWAP, **changes: Any) -> list[str]:
    found = problems(instrument, **changes)
    assert all(problem.reason for problem in found)
    return [problem.field for problem in found]


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


TRIGGERED = [kind for kind in EntryType if kind.is_triggered]


@pytest.mark.parametrize("kind", TRIGGERED)
@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(("distance", "is_above"), [("100", True), ("-100", False), ("0", None)])
def test_a_trigger_lies_where_the_price_is_not_yet(
    kind: EntryType, side: Side, distance: str, is_above: bool | None
) -> None:
    trigger = QUOTE.ask + Decimal(distance) if side is BUY else QUOTE.bid + Decimal(distance)
    wanted = (kind in (EntryType.STOP, EntryType.STOP_LIMIT)) == (side is BUY)
    limit = trigger if kind.has_limit else None

    wrong = fields(entry_type=kind, side=side, trigger_price=trigger, price=limit)

    assert wrong == ([] if wanted is is_above else ["trigger_price"])


def test_a_trigger_on_the_wrong_side_is_told_with_the_price_it_must_pass() -> None:
    wrong = problems(entry_type=EntryType.STOP, trigger_price=Decimal(9990))

    assert [one.reason for one in wrong] == ["9990 must be above the ask 10000 for a buy stop"]


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"entry_type": EntryType.STOP}, ["trigger_price"]),
        ({"entry_type": EntryType.STOP_LIMIT}, ["price", "trigger_price"]),
        ({"entry_type": EntryType.TAKE_PROFIT_LIMIT, "trigger_price": Decimal(9900)}, ["price"]),
        (
            {
                "entry_type": EntryType.STOP,
                "trigger_price": Decimal(10100),
                "price": Decimal(10100),
            },
            ["price"],
        ),
        ({"trigger_price": Decimal(10100)}, ["trigger_price"]),
        (
            {
                "entry_type": EntryType.LIMIT,
                "price": Decimal(9900),
                "trigger_price": Decimal(9900),
            },
            ["trigger_price"],
        ),
        ({"entry_type": EntryType.STOP, "trigger_price": Decimal("10100.05")}, ["trigger_price"]),
        ({"entry_type": EntryType.STOP, "trigger_price": Decimal(12000)}, ["trigger_price"]),
        ({"entry_type": EntryType.STOP, "trigger_price": Decimal(-1)}, ["trigger_price"]),
        (
            {"entry_type": EntryType.STOP, "trigger_price": Decimal("NaN")},
            ["trigger_price", "trigger_price"],
        ),
    ],
)
def test_an_entry_is_told_with_what_its_type_needs_and_no_more(
    told: dict[str, Any], wrong: list[str]
) -> None:
    assert fields(**told) == wrong


@pytest.mark.parametrize("kind", EntryType)
@pytest.mark.parametrize("time_in_force", [None, *TimeInForce])
def test_only_an_entry_with_a_limit_may_rest(
    kind: EntryType, time_in_force: TimeInForce | None
) -> None:
    is_fine = kind.has_limit or time_in_force in (None, TimeInForce.IOC)
    trigger = QUOTE.ask + 100 if kind in (EntryType.STOP, EntryType.STOP_LIMIT) else QUOTE.ask - 100
    told = {"price": trigger if kind.has_limit else None}
    told["trigger_price"] = trigger if kind.is_triggered else None

    found = fields(entry_type=kind, time_in_force=time_in_force, **told)

    assert found == ([] if is_fine else ["time_in_force"])


def test_exits_of_a_triggered_entry_are_measured_from_its_trigger() -> None:
    stop = {"entry_type": EntryType.STOP, "trigger_price": Decimal(10500)}

    assert fields(**stop, stop_loss=price("10400"), take_profit=price("10600")) == []
    assert fields(**stop, take_profit=price("10450")) == ["take_profit"]
