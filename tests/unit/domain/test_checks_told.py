"""What every check tells of its value and its limit, in `why` and in a refusal."""

from dataclasses import replace
from decimal import Decimal

import pytest

from cerberus.domain.checks import assess
from cerberus.domain.market import Instrument
from cerberus.domain.risk import Approved, Record, Refused, RiskLimits
from cerberus.domain.sizing import plan_entry
from tests.unit.domain.examples import QUOTE, RULES, SPOT, SWAP, context, signal

D = Decimal
#: of an entry to which nothing objects
TOLD = {
    "emergency_stop": ("off", "off"),
    "maintenance": ("off", "off"),
    "entry_block": ("off", "off"),
    "foreign": ("off", "off"),
    "quarantine": ("off", "off"),
    "breaker": ("closed", "closed"),
    "unknown_order": ("none", "none"),
    "signal": ("valid", "valid"),
    "one_position_per_symbol": ("none", "none"),
    "spot_holdings": ("buy", "a holding to sell"),
    "trading_hours": ("12:00", "always"),
    "confidence": ("0.9", "0.5"),
    "cooldown": ("never traded", "300 s"),
    "max_positions": ("0", "5"),
    "size": ("0.075", "above 0"),
    "exposure": ("750.0000", "5000"),
    "risk_to_stop": ("15.0000", "15"),
    "leverage": ("5", "30"),
    "liquidation_distance": ("200.0000", "1560.0000"),
    "drawdown": ("0.0000", "0.05"),
    "daily_loss": ("0.0000", "60"),
    "losses_in_a_row": ("0", "5"),
    "stale_price": ("0.0 s", "10.0 s"),
    "spread": ("0.000010", "0.003"),
    "free_balance": ("100.0000", "9800.0000"),
}
ON_SPOT = {"leverage": ("1", "1"), "liquidation_distance": ("spot", "none")}


@pytest.mark.parametrize(
    ("instrument", "told"), [(SWAP, TOLD), (SPOT, TOLD | ON_SPOT)], ids=["swap", "spot"]
)
def test_what_passes_tells_value_and_limit_and_no_reason(
    instrument: Instrument, told: dict[str, tuple[str, str]]
) -> None:
    plan = plan_entry(signal(symbol=instrument.symbol), instrument, QUOTE, RULES)

    decision = assess(plan, context(), RiskLimits())

    assert isinstance(decision, Approved)
    assert decision.plan is plan
    assert {check.name: (check.value, check.limit) for check in decision.checks} == told
    assert {check.reason for check in decision.checks} == {""}


def test_a_refusal_tells_the_plan_and_the_first_check_that_failed() -> None:
    plan = plan_entry(signal(), SWAP, QUOTE, RULES)

    decision = assess(plan, context(breaker="orders fail"), RiskLimits())

    assert isinstance(decision, Refused)
    assert decision.plan is plan
    told = (decision.check, decision.value, decision.limit, decision.reason)
    assert told == ("breaker", "open", "closed", "orders fail")


def test_a_size_of_zero_says_so() -> None:
    plan = replace(plan_entry(signal(), SWAP, QUOTE, RULES), quantity=D(0))
    decision = assess(plan, context(), RiskLimits())
    assert isinstance(decision, Refused)
    assert (decision.check, decision.value, decision.reason) == ("size", "0", "quantity is 0")


def test_a_small_account_has_a_drawdown_too() -> None:
    assert Record(equity=D("0.5"), peak_equity=D(1)).drawdown_rate == D("0.5")
