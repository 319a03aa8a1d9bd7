from dataclasses import replace
from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from cerberus.domain.signals import (
    EntryType,
    Level,
    Side,
    Signal,
    Size,
    SizeUnit,
    exit_prices,
    fingerprint,
)
from tests.unit.domain.examples import NOW, signal

TOLD = signal(
    size=Size(Decimal("1.5")),
    price=Decimal(100),
    stop_loss=Level(Decimal(98)),
    take_profit=Level(Decimal(4), is_percent=True),
)
IDENTIFIED = replace(TOLD, signal_id="a")
BARRED = replace(TOLD, bar=NOW, timeframe="5m")

SAME: list[tuple[Signal, dict[str, Any]]] = [
    (IDENTIFIED, {"size": None}),
    (IDENTIFIED, {"price": Decimal(7)}),
    (IDENTIFIED, {"bar": NOW}),
    (IDENTIFIED, {"confidence": Decimal("0.1")}),
    (BARRED, {"stop_loss": None}),
    (BARRED, {"bar": NOW.astimezone(timezone(timedelta(hours=5)))}),
    (TOLD, {"created_at": NOW + timedelta(hours=1)}),
    (TOLD, {"confidence": Decimal("0.1")}),
    (TOLD, {"reason": "another"}),
    (TOLD, {"size": Size(Decimal("1.50"))}),
    (TOLD, {"price": Decimal("1E+2")}),
    (TOLD, {"stop_loss": Level(Decimal("98.000"))}),
]
OTHER: list[tuple[Signal, dict[str, Any]]] = [
    (IDENTIFIED, {"signal_id": "b"}),
    (IDENTIFIED, {"strategy": "another"}),
    (IDENTIFIED, {"symbol": "ETH/USDT"}),
    (IDENTIFIED, {"side": Side.SELL}),
    (IDENTIFIED, {"timeframe": "1h"}),
    (BARRED, {"bar": NOW + timedelta(minutes=5)}),
    (BARRED, {"timeframe": "1h"}),
    (TOLD, {"size": Size(Decimal("1.5"), SizeUnit.USD)}),
    (TOLD, {"size": Size(Decimal("1.6"))}),
    (TOLD, {"size": None}),
    (TOLD, {"price": None}),
    (TOLD, {"price": Decimal(101)}),
    (TOLD, {"stop_loss": Level(Decimal(98), is_percent=True)}),
    (TOLD, {"stop_loss": None}),
    (TOLD, {"take_profit": Level(Decimal(5), is_percent=True)}),
    (TOLD, {"take_profit": None}),
    (TOLD, {"entry_type": EntryType.LIMIT}),
    (TOLD, {"signal_id": "a"}),
    (TOLD, {"bar": NOW}),
]


@pytest.mark.parametrize(("first", "changes"), SAME)
def test_signals_that_mean_the_same_have_one_fingerprint(
    first: Signal, changes: dict[str, Any]
) -> None:
    assert fingerprint(replace(first, **changes)) == fingerprint(first)


@pytest.mark.parametrize(("first", "changes"), OTHER)
def test_signals_that_differ_have_two_fingerprints(first: Signal, changes: dict[str, Any]) -> None:
    assert fingerprint(replace(first, **changes)) != fingerprint(first)


def test_a_fingerprint_keeps_all_256_bits() -> None:
    assert len(bytes.fromhex(fingerprint(TOLD))) == 32


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, False), ({"signal_id": "a"}, True), ({"bar": NOW}, True), ({"timeframe": "5m"}, False)],
)
def test_an_id_or_a_bar_identifies_a_signal(changes: dict[str, Any], expected: bool) -> None:
    assert signal(**changes).is_identified is expected


@pytest.mark.parametrize(
    ("side", "stop", "target", "expected"),
    [
        (Side.BUY, Level(Decimal(2), True), Level(Decimal(4), True), ("98", "104")),
        (Side.SELL, Level(Decimal(2), True), Level(Decimal(4), True), ("102", "96")),
        (Side.BUY, Level(Decimal(97)), Level(Decimal(110)), ("97", "110")),
        (Side.SELL, Level(Decimal(103)), Level(Decimal(90)), ("103", "90")),
        (Side.BUY, None, Level(Decimal(4), True), (None, "104")),
        (Side.SELL, Level(Decimal("0.5"), True), None, ("100.5", None)),
    ],
)
def test_exits_lie_on_their_own_side_of_the_entry(
    side: Side, stop: Level | None, target: Level | None, expected: tuple[str | None, str | None]
) -> None:
    prices = exit_prices(signal(side=side, stop_loss=stop, take_profit=target), Decimal(100))

    assert prices == tuple(None if price is None else Decimal(price) for price in expected)


def test_the_sides_are_opposite() -> None:
    assert (Side.BUY.opposite, Side.SELL.opposite) == (Side.SELL, Side.BUY)
    assert (Side.BUY.sign, Side.SELL.sign) == (1, -1)
