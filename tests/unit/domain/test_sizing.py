from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from cerberus.domain.market import Instrument, Quote
from cerberus.domain.signals import EntryType, Level, Side, Signal, Size, SizeUnit
from cerberus.domain.sizing import Plan, plan_entry, smallest_quantity
from tests.unit.domain.examples import NOW, QUOTE, RULES, SPOT, SWAP, signal

BUY, SELL = Side.BUY, Side.SELL


def plan(told: Signal, instrument: Instrument = SWAP, **rules: Any) -> Plan:
    return plan_entry(told, instrument, QUOTE, replace(RULES, **rules))


@pytest.mark.parametrize(
    ("side", "entry", "stop", "target", "worst"),
    [
        (BUY, "10000", "9800.0", "10400.0", "10050.0"),
        (SELL, "9999.9", "10199.8", "9600.0", "9949.9"),
    ],
)
def test_a_market_entry_is_priced_against_the_side_it_takes(
    side: Side, entry: str, stop: str, target: str, worst: str
) -> None:
    found = plan(signal(side=side))

    assert found.entry_price == Decimal(entry)
    assert (found.stop_price, found.target_price) == (Decimal(stop), Decimal(target))
    assert found.worst_price == Decimal(worst)


def test_a_limit_entry_is_priced_at_its_limit_and_nothing_worse() -> None:
    found = plan(signal(entry_type=EntryType.LIMIT, price=Decimal(9500)))

    assert (found.entry_price, found.worst_price) == (Decimal(9500), Decimal(9500))


@pytest.mark.parametrize(
    ("entry_type", "price", "entry"),
    [(EntryType.MARKET, Decimal(9500), "10000"), (EntryType.LIMIT, None, "10000")],
)
def test_an_entry_without_a_limit_of_its_own_is_priced_at_the_market(
    entry_type: EntryType, price: Decimal | None, entry: str
) -> None:
    assert plan(signal(entry_type=entry_type, price=price)).entry_price == Decimal(entry)


def test_the_worst_price_is_rounded_away_from_the_entry() -> None:
    coarse = replace(SWAP, price_tick=Decimal(7))

    assert plan(signal(), coarse).worst_price == 10052
    assert plan(signal(side=SELL), coarse).worst_price == 9947


@pytest.mark.parametrize("side", [BUY, SELL])
def test_exits_are_rounded_to_the_tick_towards_the_entry(side: Side) -> None:
    told = signal(
        side=side,
        stop_loss=Level(Decimal("1.00001"), is_percent=True),
        take_profit=Level(Decimal("1.00001"), is_percent=True),
    )

    found = plan(told)

    assert abs(found.stop_price - found.entry_price) < found.entry_price * Decimal("0.0100001")
    assert abs(found.target_price - found.entry_price) < found.entry_price * Decimal("0.0100001")


@pytest.mark.parametrize(
    ("rules", "quantity"),
    [
        # 15 USD at risk over a distance of 200: 0.075
        ({}, "0.075"),
        ({"risk_usd": Decimal("15.019")}, "0.0750"),
        ({"risk_usd": Decimal("15.02")}, "0.0751"),
        ({"exposure_usd": Decimal("500.99")}, "0.0500"),
        ({"exposure_usd": Decimal("501")}, "0.0501"),
        # 98 USD free, 2010 of margin and 10.05 of fees for each BTC at 10,050
        ({"available_usd": Decimal(100)}, "0.0485"),
        ({"available_usd": Decimal(100), "balance_spare_rate": Decimal(0)}, "0.0495"),
        ({"available_usd": Decimal(100), "leverage": Decimal(1)}, "0.0097"),
        ({"available_usd": Decimal(100), "leverage": Decimal(125)}, "0.0750"),
    ],
)
def test_a_size_by_risk_is_the_smallest_budget_rounded_down(
    rules: dict[str, Any], quantity: str
) -> None:
    found = plan(signal(), **rules)

    assert (found.quantity, found.problem) == (Decimal(quantity), "")


@pytest.mark.parametrize("size", [None, Size(Decimal(0)), Size(Decimal(0), SizeUnit.USD)])
def test_no_size_and_a_size_of_zero_are_found_by_risk(size: Size | None) -> None:
    assert plan(signal(size=size)).quantity == Decimal("0.075")


@pytest.mark.parametrize(
    ("size", "quantity"),
    [
        (Size(Decimal("0.3")), "0.3"),
        (Size(Decimal("999.99"), SizeUnit.USD), "0.0999"),
        (Size(Decimal("1000"), SizeUnit.USD), "0.1"),
        (Size(Decimal("1.0099"), SizeUnit.PERCENT), "0.0100"),
        (Size(Decimal("250"), SizeUnit.PERCENT), "2.5"),
    ],
)
@pytest.mark.parametrize("instrument", [SWAP, replace(SPOT, symbol=SWAP.symbol)])
def test_a_told_size_is_kept_whatever_it_risks(
    size: Size, quantity: str, instrument: Instrument
) -> None:
    found = plan(signal(size=size), instrument)

    assert (found.quantity, found.problem) == (Decimal(quantity), "")


@pytest.mark.parametrize(
    "size", [Size(Decimal("0.0005")), Size(Decimal("9.9"), SizeUnit.USD), Size(Decimal("0.05"))]
)
def test_a_told_size_below_the_minimum_is_refused_and_never_replaced(size: Size) -> None:
    found = plan(signal(size=size), replace(SWAP, quantity_min=Decimal("0.1")))

    assert "below the venue's minimum 0.1" in found.problem
    assert found.quantity < Decimal("0.1")


@pytest.mark.parametrize("size", [Size(Decimal("0.1")), Size(Decimal(1000), SizeUnit.USD)])
def test_a_told_size_of_exactly_the_minimum_is_kept(size: Size) -> None:
    found = plan(signal(size=size), replace(SWAP, quantity_min=Decimal("0.1")))

    assert (found.quantity, found.problem) == (Decimal("0.1"), "")


@pytest.mark.parametrize(
    ("risk", "quantity", "problem"),
    [
        ("20", "0.1", ""),
        ("19.99", "0.0999", "the venue's minimum 0.1 risks more than 19.99 to the stop"),
        ("0.01", "0", "the venue's minimum 0.1 risks more than 0.01 to the stop"),
    ],
)
def test_the_minimum_is_taken_only_when_it_fits_the_risk(
    risk: str, quantity: str, problem: str
) -> None:
    market = replace(SWAP, quantity_min=Decimal("0.1"))

    found = plan(signal(), market, risk_usd=Decimal(risk))

    assert (found.quantity, found.problem) == (Decimal(quantity), problem)


def test_the_minimum_may_exceed_exposure_and_balance_which_are_checked_apart() -> None:
    market = replace(SWAP, quantity_min=Decimal("0.075"))

    found = plan(signal(), market, exposure_usd=Decimal(-7), available_usd=Decimal(0))

    assert (found.quantity, found.problem) == (Decimal("0.075"), "")


@pytest.mark.parametrize(
    ("instrument", "least"),
    [
        # 7 USD at 10,000 are 0.0007; a perpetual is reduced whatever is left of it
        (replace(SWAP, notional_min=Decimal(7)), "0.0007"),
        (replace(SWAP, notional_min=Decimal("7.01")), "0.0008"),
        (replace(SWAP, quantity_min=Decimal("0.00071")), "0.0008"),
        # on spot the stop at 9,800 must sell 7 USD of what 0.2 % of fee has left
        (replace(SPOT, notional_min=Decimal(7)), "0.0009"),
        (replace(SPOT, notional_min=Decimal(0), quantity_min=Decimal("0.0005")), "0.0006"),
    ],
)
def test_the_smallest_quantity_can_be_protected(instrument: Instrument, least: str) -> None:
    assert smallest_quantity(instrument, Decimal(10_000), Decimal(9_800)) == Decimal(least)


@pytest.mark.parametrize(
    ("side", "stop", "target", "problem"),
    [
        (BUY, "10000", None, "stop 10000 is not behind the entry 10000 of a buy"),
        (BUY, "10050", None, "stop 10050 is not behind the entry 10000 of a buy"),
        (BUY, "9999.95", None, "stop 10000.0 is not behind the entry 10000 of a buy"),
        (SELL, "9999.9", None, "stop 9999.9 is not behind the entry 9999.9 of a sell"),
        (SELL, "9000", None, "stop 9000 is not behind the entry 9999.9 of a sell"),
        (BUY, None, "10000", "target 10000 is not beyond the entry 10000 of a buy"),
        (SELL, None, "10400", "target 10400 is not beyond the entry 9999.9 of a sell"),
        (BUY, "0", None, "stop 0 and target 10400.0 must be above 0"),
        (BUY, "-5", None, "stop -5 and target 10400.0 must be above 0"),
        (SELL, None, "0", "stop 10199.8 and target 0 must be above 0"),
    ],
)
@pytest.mark.parametrize("size", [None, Size(Decimal("0.1"))])
def test_an_exit_that_the_market_has_passed_leaves_no_quantity(
    side: Side, stop: str | None, target: str | None, problem: str, size: Size | None
) -> None:
    told = signal(
        side=side,
        size=size,
        stop_loss=None if stop is None else Level(Decimal(stop)),
        take_profit=None if target is None else Level(Decimal(target)),
    )

    found = plan(told)

    assert (found.quantity, found.problem) == (Decimal(0), problem)


def test_a_tick_as_wide_as_the_stop_leaves_no_quantity() -> None:
    coin = replace(SWAP, price_tick=Decimal("0.01"))
    quote = Quote(SWAP.symbol, Decimal("0.04"), Decimal("0.05"), NOW)

    found = plan_entry(signal(), coin, quote, RULES)

    assert found.quantity == 0
    assert found.problem == "stop 0.05 is not behind the entry 0.05 of a buy"


def test_the_worst_price_of_a_sale_stays_above_zero() -> None:
    coin = replace(SWAP, price_tick=Decimal(1))
    quote = Quote(SWAP.symbol, Decimal(1), Decimal(1), NOW)

    assert plan_entry(signal(side=SELL), coin, quote, RULES).worst_price == 1


@pytest.mark.parametrize(("instrument", "leverage"), [(SWAP, 5), (SPOT, 1)])
def test_only_a_perpetual_is_levered(instrument: Instrument, leverage: int) -> None:
    assert plan(signal(), instrument).leverage == leverage


def test_a_plan_tells_its_notional_and_its_risk() -> None:
    found = plan(signal(side=SELL, size=Size(Decimal("0.1"))))

    assert found.notional == Decimal("999.99")
    assert found.risk_usd == Decimal("19.99")


@pytest.mark.parametrize("side", [BUY, SELL])
def test_exits_may_be_as_near_as_one_tick(side: Side) -> None:
    entry = QUOTE.ask if side is BUY else QUOTE.bid
    tick = SWAP.price_tick * side.sign
    told = signal(side=side, stop_loss=Level(entry - tick), take_profit=Level(entry + tick))

    found = plan(told)

    assert (found.problem, found.stop_price) == ("", entry - tick)
