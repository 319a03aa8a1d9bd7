from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cerberus.domain.balances import Balance, Reservation
from cerberus.domain.checks import RULES, assess
from cerberus.domain.market import MarketType, Quote
from cerberus.domain.risk import (
    Approved,
    Decision,
    Record,
    Refused,
    RiskContext,
    RiskLimits,
)
from cerberus.domain.signals import Side
from cerberus.domain.sizing import Plan
from cerberus.domain.validation import Problem
from tests.unit.domain.examples import NOW, SPOT, SWAP, context, position, signal

D = Decimal
LIMITS = RiskLimits(hours_from=time(9), hours_to=time(17))
PLAN = Plan(
    signal=signal(),
    instrument=SWAP,
    entry_price=D(10_000),
    worst_price=D(10_050),
    stop_price=D(9_800),
    target_price=D(10_400),
    quantity=D("0.05"),
    leverage=D(5),
)
#: in the order in which they are reported
NAMES = [
    "emergency_stop",
    "maintenance",
    "entry_block",
    "foreign",
    "quarantine",
    "breaker",
    "unknown_order",
    "signal",
    "one_position_per_symbol",
    "spot_holdings",
    "trading_hours",
    "confidence",
    "cooldown",
    "max_positions",
    "size",
    "exposure",
    "risk_to_stop",
    "leverage",
    "liquidation_distance",
    "drawdown",
    "daily_loss",
    "losses_in_a_row",
    "stale_price",
    "spread",
    "free_balance",
]
SOFT = {"trading_hours", "confidence", "cooldown"}
SYMBOL = SWAP.symbol
ELSEWHERE = {f"X{number}/USDT:USDT": position() for number in range(4)}


def at(hour: int, minute: int = 0, microsecond: int = 0) -> RiskContext:
    now = datetime(2026, 3, 2, hour, minute, 0, microsecond, tzinfo=UTC)
    return context(now=now, quote=Quote(SYMBOL, D(10_000), D(10_000), now))


def record(**changes: Any) -> RiskContext:
    return context(record=replace(context().record, **changes))


def quoted(bid: str, ask: str, age: timedelta = timedelta()) -> RiskContext:
    return context(quote=Quote(SYMBOL, D(bid), D(ask), NOW - age))


def needing(amount: str, free: str = "10000") -> RiskContext:
    return context(
        reservation=Reservation(MarketType.SWAP, "USDT", D(amount)),
        balance=Balance(D(free), D(0), D(0), D(0)),
    )


def closed_ago(**ago: int) -> RiskContext:
    return record(last_closed_at={SYMBOL: NOW - timedelta(**ago)})


def plan(**changes: Any) -> Plan:
    return replace(PLAN, **changes)


def wished(**changes: Any) -> Plan:
    return plan(signal=signal(**changes))


SPOT_PLAN = plan(instrument=SPOT, leverage=D(1))

PASSED: list[tuple[str, Plan, RiskContext, RiskLimits]] = [
    ("unknown_order", PLAN, context(doubtful_symbols=frozenset({"ETH/USDT"})), LIMITS),
    ("one_position_per_symbol", PLAN, context(pending_notional={SYMBOL: D(0)}), LIMITS),
    ("one_position_per_symbol", PLAN, context(positions={"ETH/USDT": position()}), LIMITS),
    ("spot_holdings", SPOT_PLAN, context(), LIMITS),
    ("spot_holdings", wished(side=Side.SELL), context(), LIMITS),
    ("trading_hours", PLAN, at(9), LIMITS),
    ("trading_hours", PLAN, at(16, 59, 999_999), LIMITS),
    ("trading_hours", PLAN, at(3), RiskLimits()),
    ("trading_hours", PLAN, at(22), RiskLimits(hours_from=time(22), hours_to=time(6))),
    ("trading_hours", PLAN, at(5, 59), RiskLimits(hours_from=time(22), hours_to=time(6))),
    ("confidence", wished(confidence=D("0.5")), context(), LIMITS),
    ("cooldown", PLAN, closed_ago(minutes=5), LIMITS),
    ("cooldown", PLAN, record(last_closed_at={"ETH/USDT": NOW}), LIMITS),
    ("cooldown", PLAN, closed_ago(seconds=-1), replace(LIMITS, cooldown=timedelta(0))),
    ("max_positions", PLAN, context(positions=ELSEWHERE), LIMITS),
    (
        "max_positions",
        PLAN,
        context(positions=ELSEWHERE, pending_notional={"Y/USDT": D(0)}),
        LIMITS,
    ),
    ("size", plan(quantity=D("0.0001")), context(), LIMITS),
    ("exposure", plan(quantity=D("0.5")), context(), LIMITS),
    ("exposure", plan(quantity=D("0.4")), context(pending_notional={SYMBOL: D(1000)}), LIMITS),
    ("risk_to_stop", plan(quantity=D("0.075")), context(), LIMITS),
    ("leverage", plan(leverage=D(30)), context(), LIMITS),
    ("leverage", wished(leverage=D(1)), context(), LIMITS),
    ("leverage", SPOT_PLAN, context(), LIMITS),
    # liquidation is 10,000 * (1 / 25 - 0.005) = 350 away, four fifths of it are 280
    ("liquidation_distance", plan(leverage=D(25), stop_price=D(9_720)), context(), LIMITS),
    ("liquidation_distance", plan(leverage=D(25), stop_price=D(10_280)), context(), LIMITS),
    ("liquidation_distance", replace(SPOT_PLAN, stop_price=D(1)), context(), LIMITS),
    ("drawdown", PLAN, record(equity=D("9500.01")), LIMITS),
    ("drawdown", PLAN, record(equity=D(0), peak_equity=D(0)), LIMITS),
    ("drawdown", PLAN, record(equity=D(11_000)), LIMITS),
    ("daily_loss", PLAN, record(daily_pnl=D("-59.99999999")), LIMITS),
    ("daily_loss", PLAN, record(daily_pnl=D(1000)), LIMITS),
    ("losses_in_a_row", PLAN, record(losses_in_a_row=4), LIMITS),
    ("stale_price", PLAN, quoted("10000", "10000", timedelta(seconds=10)), LIMITS),
    ("stale_price", PLAN, quoted("10000", "10000", -timedelta(seconds=10)), LIMITS),
    ("spread", PLAN, quoted("9985", "10015"), LIMITS),
    ("free_balance", PLAN, needing("98", "100"), LIMITS),
]

REFUSED: list[tuple[str, Plan, RiskContext, RiskLimits]] = [
    ("emergency_stop", PLAN, context(emergency_stop="by a person"), LIMITS),
    ("maintenance", PLAN, context(maintenance="upgrade"), LIMITS),
    ("entry_block", PLAN, context(entry_block="shutting down"), LIMITS),
    ("foreign", PLAN, context(foreign="an order is not ours"), LIMITS),
    ("quarantine", PLAN, context(quarantine="it is in quarantine"), LIMITS),
    ("breaker", PLAN, context(breaker="breaker gate orders is open"), LIMITS),
    ("unknown_order", PLAN, context(doubtful_symbols=frozenset({SYMBOL})), LIMITS),
    ("signal", PLAN, context(problems=[Problem("created_at", "is stale")]), LIMITS),
    ("one_position_per_symbol", PLAN, context(positions={SYMBOL: position()}), LIMITS),
    ("one_position_per_symbol", PLAN, context(pending_notional={SYMBOL: D("0.01")}), LIMITS),
    ("spot_holdings", replace(SPOT_PLAN, signal=signal(side=Side.SELL)), context(), LIMITS),
    ("trading_hours", PLAN, at(8, 59, 999_999), LIMITS),
    ("trading_hours", PLAN, at(17), LIMITS),
    ("trading_hours", PLAN, at(6), RiskLimits(hours_from=time(22), hours_to=time(6))),
    ("trading_hours", PLAN, at(21, 59), RiskLimits(hours_from=time(22), hours_to=time(6))),
    ("confidence", wished(confidence=D("0.4999")), context(), LIMITS),
    ("cooldown", PLAN, closed_ago(minutes=4, seconds=59), LIMITS),
    ("cooldown", PLAN, closed_ago(seconds=-5), LIMITS),
    ("max_positions", PLAN, context(positions=ELSEWHERE | {"Y/USDT": position()}), LIMITS),
    (
        "max_positions",
        PLAN,
        context(positions=ELSEWHERE, pending_notional={"Y/USDT": D(1)}),
        LIMITS,
    ),
    ("max_positions", PLAN, context(), replace(LIMITS, positions_max=0)),
    ("size", plan(problem="below the minimum"), context(), LIMITS),
    ("size", plan(quantity=D(0)), context(), LIMITS),
    ("exposure", plan(quantity=D("0.500000000001")), context(), LIMITS),
    ("exposure", plan(quantity=D("0.4")), context(pending_notional={SYMBOL: D(1001)}), LIMITS),
    (
        "exposure",
        plan(quantity=D("0.4")),
        context(positions={SYMBOL: position(quantity=D(1), entry_price=D(1001))}),
        LIMITS,
    ),
    ("risk_to_stop", plan(quantity=D("0.0750000001")), context(), LIMITS),
    ("leverage", plan(leverage=D(31)), context(), LIMITS),
    ("leverage", wished(leverage=D(31)), context(), LIMITS),
    ("leverage", wished(leverage=D("0.5")), context(), LIMITS),
    ("leverage", wished(leverage=D(101)), context(), replace(LIMITS, leverage_max=D(125))),
    ("leverage", replace(SPOT_PLAN, signal=signal(leverage=D(2))), context(), LIMITS),
    ("liquidation_distance", plan(leverage=D(25), stop_price=D("9719.9")), context(), LIMITS),
    ("liquidation_distance", plan(leverage=D(25), stop_price=D("10280.1")), context(), LIMITS),
    (
        "liquidation_distance",
        plan(leverage=D(100), instrument=replace(SWAP, maintenance_rate=D("0.02"))),
        context(),
        LIMITS,
    ),
    ("drawdown", PLAN, record(equity=D(9_500)), LIMITS),
    ("drawdown", PLAN, record(drawdown_latched=True), LIMITS),
    ("daily_loss", PLAN, record(daily_pnl=D(-60)), LIMITS),
    ("losses_in_a_row", PLAN, record(losses_in_a_row=5), LIMITS),
    ("stale_price", PLAN, quoted("10000", "10000", timedelta(seconds=10.001)), LIMITS),
    ("stale_price", PLAN, quoted("10000", "10000", -timedelta(seconds=10.001)), LIMITS),
    ("spread", PLAN, quoted("9984.999", "10015"), LIMITS),
    ("free_balance", PLAN, needing("98.00000001", "100"), LIMITS),
]


def outcome(decision: Decision, name: str) -> bool:
    return next(check.passed for check in decision.checks if check.name == name)


@pytest.mark.parametrize(("name", "planned", "seen", "limits"), PASSED)
def test_passes_at_the_boundary(
    name: str, planned: Plan, seen: RiskContext, limits: RiskLimits
) -> None:
    assert outcome(assess(planned, seen, limits), name)


@pytest.mark.parametrize(("name", "planned", "seen", "limits"), REFUSED)
def test_refuses_beyond_the_boundary_and_says_why(
    name: str, planned: Plan, seen: RiskContext, limits: RiskLimits
) -> None:
    decision = assess(planned, seen, limits)

    assert isinstance(decision, Refused)
    assert not outcome(decision, name)
    check = next(check for check in decision.checks if check.name == name)
    assert check.reason
    assert check.value
    assert check.limit


@pytest.mark.parametrize(("name", "planned", "seen", "limits"), REFUSED)
def test_force_passes_over_soft_checks_only(
    name: str, planned: Plan, seen: RiskContext, limits: RiskLimits
) -> None:
    decision = assess(planned, replace(seen, force=True), limits)

    assert not outcome(decision, name)
    failed = {check.name for check in decision.checks if not check.passed}
    assert isinstance(decision, Approved) is (failed <= SOFT)


@pytest.mark.parametrize(
    ("name", "seen", "limits", "shown"),
    [
        ("unknown_order", context(), LIMITS, ("none", "none")),
        (
            "unknown_order",
            context(doubtful_symbols=frozenset({SYMBOL})),
            LIMITS,
            ("unknown", "none"),
        ),
        ("signal", context(), LIMITS, ("valid", "valid")),
        (
            "signal",
            context(problems=[Problem("price", "is off"), Problem("size_usd", "is NaN")]),
            LIMITS,
            ("price is off; size_usd is NaN", "valid"),
        ),
        ("one_position_per_symbol", context(), LIMITS, ("none", "none")),
        (
            "one_position_per_symbol",
            context(positions={SYMBOL: position()}),
            LIMITS,
            ("held", "none"),
        ),
        (
            "one_position_per_symbol",
            context(pending_notional={SYMBOL: D(1)}),
            LIMITS,
            ("pending", "none"),
        ),
        ("trading_hours", context(), LIMITS, ("12:00", "09:00-17:00 UTC")),
        ("trading_hours", context(), RiskLimits(), ("12:00", "always")),
        ("cooldown", context(), LIMITS, ("never traded", "300 s")),
        ("cooldown", closed_ago(seconds=299), LIMITS, ("299 s", "300 s")),
        ("exposure", context(), LIMITS, ("500.0000", "5000")),
        ("risk_to_stop", context(), LIMITS, ("10.0000", "15")),
        ("leverage", context(), LIMITS, ("5", "30")),
        ("liquidation_distance", context(), LIMITS, ("200.0000", "1560.0000")),
        ("drawdown", record(equity=D(9_600)), LIMITS, ("0.0400", "0.05")),
        ("daily_loss", record(daily_pnl=D("-7.5")), LIMITS, ("7.5000", "60")),
        ("spread", quoted("9985", "10015"), LIMITS, ("0.003000", "0.003")),
        ("free_balance", needing("98", "100"), LIMITS, ("98.0000", "98.0000")),
    ],
)
def test_shows_what_it_saw_beside_its_limit(
    name: str, seen: RiskContext, limits: RiskLimits, shown: tuple[str, str]
) -> None:
    decision = assess(PLAN, seen, limits)

    check = next(check for check in decision.checks if check.name == name)
    assert (check.value, check.limit) == shown


def test_every_rule_has_a_passed_and_a_refused_example() -> None:
    refused = {name for name, *_ in REFUSED}
    passed = {name for name, *_ in PASSED}
    switches = {"emergency_stop", "maintenance", "entry_block", "breaker", "signal"}
    switches |= {"foreign", "quarantine"}

    assert refused == set(NAMES)
    assert passed | switches == set(NAMES)
    assert len(RULES) == len(NAMES)


def test_an_approval_reports_every_check_in_order_without_a_reason() -> None:
    decision = assess(PLAN, context(), LIMITS)

    assert isinstance(decision, Approved)
    assert [check.name for check in decision.checks] == NAMES
    assert {check.name for check in decision.checks if check.is_soft} == SOFT
    assert not any(check.reason for check in decision.checks)


def test_a_refusal_reports_every_check_and_names_the_first_that_failed() -> None:
    seen = context(emergency_stop="by a person", maintenance="upgrade")

    decision = assess(plan(quantity=D(9)), seen, LIMITS)

    assert isinstance(decision, Refused)
    assert [check.name for check in decision.checks] == NAMES
    assert (decision.check, decision.reason) == ("emergency_stop", "by a person")
    assert (decision.value, decision.limit) == ("on", "off")
    failed = [check.name for check in decision.checks if not check.passed]
    assert failed == ["emergency_stop", "maintenance", "exposure", "risk_to_stop"]


def test_the_largest_amounts_of_the_api_are_refused_without_an_error() -> None:
    huge, tiny = D("1e12"), D("1e-12")
    market = replace(SWAP, price_tick=tiny, quantity_step=tiny)
    seen = context(
        reservation=Reservation(MarketType.SWAP, "USDT", huge * huge),
        record=Record(equity=-huge, peak_equity=tiny, daily_pnl=-huge * huge),
        quote=Quote(SYMBOL, tiny, huge, NOW),
    )
    wild = plan(instrument=market, quantity=huge, entry_price=huge, stop_price=tiny)

    decision = assess(wild, seen, LIMITS)

    assert isinstance(decision, Refused)
    assert len(decision.checks) == len(NAMES)
