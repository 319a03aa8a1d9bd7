"""The risk checks, each a function of a case; all of them are always reported."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal

from cerberus.domain.market import ONE, ZERO
from cerberus.domain.risk import Check, Decision, RiskContext, RiskLimits, decide
from cerberus.domain.signals import Side
from cerberus.domain.sizing import Plan


@dataclass(frozen=True, slots=True)
class Case:
    """What a check judges."""

    plan: Plan
    context: RiskContext
    limits: RiskLimits


#: what is shown may have more digits than a sum of money
_SHOWN = Context(prec=80)
_CENT_PART = Decimal("0.0001")
_PIP = Decimal("0.000001")

Rule = Callable[[Case], Check]


def assess(plan: Plan, context: RiskContext, limits: RiskLimits) -> Decision:
    """Run every check over a plan and decide."""
    case = Case(plan, context, limits)
    return decide(plan, [rule(case) for rule in RULES], force=context.force)


def liquidation_distance(plan: Plan) -> Decimal:
    """Return how far the liquidation of an isolated position lies from its entry.

    A position is liquidated where its margin, 1 / leverage of the notional, has shrunk to the
    maintenance margin: distance = entry * (1 / leverage - maintenance rate).
    """
    return plan.entry_price * (ONE / plan.leverage - plan.instrument.maintenance_rate)


def _emergency_stop(case: Case) -> Check:
    return _switch("emergency_stop", case.context.emergency_stop)


def _maintenance(case: Case) -> Check:
    return _switch("maintenance", case.context.maintenance)


def _entry_block(case: Case) -> Check:
    return _switch("entry_block", case.context.entry_block)


def _foreign(case: Case) -> Check:
    return _switch("foreign", case.context.foreign)


def _quarantine(case: Case) -> Check:
    return _switch("quarantine", case.context.quarantine)


def _breaker(case: Case) -> Check:
    told = case.context.breaker
    return _check("breaker", not told, "open" if told else "closed", "closed", told)


def _unknown_order(case: Case) -> Check:
    doubtful = case.plan.signal.symbol in case.context.doubtful_symbols
    return _check(
        "unknown_order",
        not doubtful,
        "unknown" if doubtful else "none",
        "none",
        f"an order on {case.plan.signal.symbol} has an unknown outcome",
    )


def _signal(case: Case) -> Check:
    # it was valid when it was taken in; the market and the clock have moved since
    told = "; ".join(f"{problem.field} {problem.reason}" for problem in case.context.problems)
    return _check("signal", not told, told or "valid", "valid", told)


def _one_position(case: Case) -> Check:
    symbol = case.plan.signal.symbol
    pending = case.context.pending_notional.get(symbol, ZERO) > 0
    held = symbol in case.context.positions
    return _check(
        "one_position_per_symbol",
        not held and not pending,
        "held" if held else "pending" if pending else "none",
        "none",
        f"a position or an entry on {symbol} exists already",
    )


def _spot_holdings(case: Case) -> Check:
    naked = not case.plan.instrument.is_swap and case.plan.signal.side is Side.SELL
    return _check(
        "spot_holdings",
        not naked,
        case.plan.signal.side,
        "a holding to sell",
        f"a spot sale of {case.plan.instrument.base} needs a holding",
    )


def _trading_hours(case: Case) -> Check:
    now, start, end = case.context.now.time(), case.limits.hours_from, case.limits.hours_to
    always = start == end
    inside = start <= now < end if start < end else now >= start or now < end
    hours = f"{start:%H:%M}-{end:%H:%M} UTC"
    return _check(
        "trading_hours",
        always or inside,
        f"{now:%H:%M}",
        "always" if always else hours,
        f"{now:%H:%M} lies outside {hours}",
        is_soft=True,
    )


def _confidence(case: Case) -> Check:
    value = case.plan.signal.confidence
    reason = f"confidence {value} is below {case.limits.confidence}"
    return _check(
        "confidence",
        value >= case.limits.confidence,
        value,
        case.limits.confidence,
        reason,
        is_soft=True,
    )


def _cooldown(case: Case) -> Check:
    last = case.context.record.last_closed_at.get(case.plan.signal.symbol)
    limit = f"{case.limits.cooldown.total_seconds():.0f} s"
    if last is None:
        return _check("cooldown", True, "never traded", limit, "", is_soft=True)
    since = case.context.now - last
    value = f"{since.total_seconds():.0f} s"
    reason = f"{case.plan.signal.symbol} was closed {value} ago, the cooldown is {limit}"
    # without one, a venue's clock that is ahead of ours must not hold an entry back
    is_over = not case.limits.cooldown or since >= case.limits.cooldown
    return _check("cooldown", is_over, value, limit, reason, is_soft=True)


def _max_positions(case: Case) -> Check:
    pending = [symbol for symbol, value in case.context.pending_notional.items() if value > 0]
    count = len(set(case.context.positions) | set(pending))
    reason = f"{count} positions are open or pending, the limit is {case.limits.positions_max}"
    return _check(
        "max_positions", count < case.limits.positions_max, count, case.limits.positions_max, reason
    )


def _size(case: Case) -> Check:
    fits = not case.plan.problem and case.plan.quantity > 0
    reason = case.plan.problem or "quantity is 0"
    return _check("size", fits, case.plan.quantity, "above 0", reason)


def _exposure(case: Case) -> Check:
    notional = case.context.exposure(case.plan.signal.symbol) + case.plan.notional
    value, limit = _money(notional), case.limits.exposure_usd
    reason = f"notional {value} on {case.plan.signal.symbol} exceeds {limit}"
    return _check("exposure", notional <= limit, value, limit, reason)


def _risk_to_stop(case: Case) -> Check:
    value = case.plan.risk_usd
    reason = f"{_money(value)} USD to the stop exceeds {case.limits.risk_usd}"
    return _check(
        "risk_to_stop", value <= case.limits.risk_usd, _money(value), case.limits.risk_usd, reason
    )


def _leverage(case: Case) -> Check:
    limit = min(case.limits.leverage_max, case.plan.instrument.leverage_max)
    if not case.plan.instrument.is_swap:
        limit = ONE
    wanted = case.plan.signal.leverage or case.plan.leverage
    return _check(
        "leverage", ONE <= wanted <= limit, wanted, limit, f"leverage {wanted} exceeds {limit}"
    )


def _liquidation(case: Case) -> Check:
    if not case.plan.instrument.is_swap:
        return _check("liquidation_distance", True, "spot", "none", "")
    stop = abs(case.plan.entry_price - case.plan.stop_price)
    limit = liquidation_distance(case.plan) * case.limits.liquidation_share
    away, room, leverage = _money(stop), _money(limit), case.plan.leverage
    reason = f"the stop is {away} away, liquidation leaves room for {room} at {leverage}x"
    return _check("liquidation_distance", stop <= limit, away, room, reason)


def _drawdown(case: Case) -> Check:
    record = case.context.record
    value = _money(record.drawdown_rate)
    passed = record.drawdown_rate < case.limits.drawdown_rate and not record.drawdown_latched
    reason = f"drawdown {value} has reached {case.limits.drawdown_rate}, a person must reset it"
    return _check("drawdown", passed, value, case.limits.drawdown_rate, reason)


def _daily_loss(case: Case) -> Check:
    loss = max(ZERO, -case.context.record.daily_pnl)
    value, limit = _money(loss), case.limits.daily_loss_usd
    reason = f"loss of the day {value} has reached {limit}"
    return _check("daily_loss", loss < limit, value, limit, reason)


def _losses_in_a_row(case: Case) -> Check:
    value = case.context.record.losses_in_a_row
    reason = f"{value} losses in a row have reached {case.limits.losses_in_a_row}"
    passed = value < case.limits.losses_in_a_row
    return _check("losses_in_a_row", passed, value, case.limits.losses_in_a_row, reason)


def _stale_price(case: Case) -> Check:
    age = (case.context.now - case.context.quote.at).total_seconds()
    limit = case.limits.quote_age.total_seconds()
    reason = f"the price is {age:.1f} s old, the limit is {limit:.1f} s"
    return _check("stale_price", abs(age) <= limit, f"{age:.1f} s", f"{limit:.1f} s", reason)


def _spread(case: Case) -> Check:
    rate, limit = case.context.quote.spread_rate, case.limits.spread_rate
    value = rate.quantize(_PIP, context=_SHOWN)
    return _check("spread", rate <= limit, value, limit, f"spread {value} exceeds {limit}")


def _free_balance(case: Case) -> Check:
    amount, currency = case.context.reservation.amount, case.context.reservation.currency
    free = case.context.balance.available * (ONE - case.limits.balance_spare_rate)
    needed, usable = _money(amount), _money(free)
    reason = f"{needed} {currency} are needed, {usable} are free with the spare taken off"
    return _check("free_balance", amount <= free, needed, usable, reason)


def _switch(name: str, reason: str) -> Check:
    return _check(name, not reason, "on" if reason else "off", "off", reason)


def _check(
    name: str, passed: bool, value: object, limit: object, reason: str, *, is_soft: bool = False
) -> Check:
    return Check(name, passed, str(value), str(limit), "" if passed else reason, is_soft)


def _money(value: Decimal) -> Decimal:
    return value.quantize(_CENT_PART, context=_SHOWN)


#: in the order in which a refusal is reported: switches, doubts, hours, then numbers
RULES: tuple[Rule, ...] = (
    _emergency_stop,
    _maintenance,
    _entry_block,
    _foreign,
    _quarantine,
    _breaker,
    _unknown_order,
    _signal,
    _one_position,
    _spot_holdings,
    _trading_hours,
    _confidence,
    _cooldown,
    _max_positions,
    _size,
    _exposure,
    _risk_to_stop,
    _leverage,
    _liquidation,
    _drawdown,
    _daily_loss,
    _losses_in_a_row,
    _stale_price,
    _spread,
    _free_balance,
)
