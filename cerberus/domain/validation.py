"""What a signal must keep before any risk is looked at."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from cerberus.domain.market import ONE, ZERO, Instrument, Quote, is_on_step
from cerberus.domain.signals import Side, Signal, SizeUnit, TimeInForce, exit_prices, waits_above

#: how far ahead of our clock a signal may be stamped
CLOCK_TOLERANCE = timedelta(seconds=5)
#: a size under the name by which a caller tells it
_SIZE_FIELDS = {
    SizeUnit.QUANTITY: "quantity",
    SizeUnit.USD: "size_usd",
    SizeUnit.PERCENT: "size_percent",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One field that is wrong, and why."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class SignalRules:
    """Limits that a signal must keep before any risk is looked at."""

    max_age: timedelta = timedelta(minutes=5)
    price_band_rate: Decimal = Decimal("0.10")
    exit_band_rate: Decimal = Decimal("0.50")


def validate(
    signal: Signal,
    instrument: Instrument | None,
    quote: Quote | None,
    now: datetime,
    rules: SignalRules,
) -> list[Problem]:
    """Return every problem of a signal; none means that it may be assessed."""
    problems = _time_problems(signal, now, rules)
    if not (signal.confidence.is_finite() and ZERO <= signal.confidence <= ONE):
        problems.append(Problem("confidence", f"must lie in 0..1, was {signal.confidence}"))
    if instrument is None:
        problems.append(Problem("symbol", f"is not traded on this venue, was {signal.symbol}"))
        return problems
    problems += _size_problems(signal, instrument)
    distance = signal.trailing_percent
    if distance is not None and not (distance.is_finite() and 0 < distance < 100):
        reason = f"must be a number between 0 and 100, was {distance}"
        problems.append(Problem("trailing_stop_percent", reason))
    for field, price in (("price", signal.price), ("trigger_price", signal.trigger_price)):
        if price is not None and not is_on_step(price, instrument.price_tick):
            reason = f"{price} is not a multiple of the tick {instrument.price_tick}"
            problems.append(Problem(field, reason))
    problems += _form_problems(signal)
    if quote is not None:
        problems += _price_problems(signal, quote, rules)
    return problems


def _time_problems(signal: Signal, now: datetime, rules: SignalRules) -> list[Problem]:
    problems = []
    age = now - signal.created_at
    if age > rules.max_age:
        limit = rules.max_age.total_seconds()
        problems.append(
            Problem(
                "created_at", f"is stale, age {age.total_seconds():.0f} s exceeds {limit:.0f} s"
            )
        )
    if age < -CLOCK_TOLERANCE:
        problems.append(Problem("created_at", f"lies {-age.total_seconds():.0f} s in the future"))
    if signal.expires_at is not None and signal.expires_at <= now:
        problems.append(Problem("expires_at", f"has passed, was {signal.expires_at.isoformat()}"))
    return problems


def _size_problems(signal: Signal, instrument: Instrument) -> list[Problem]:
    problems = []
    size = signal.size
    if size is not None and not (size.value.is_finite() and size.value >= 0):
        reason = f"must be a number of at least 0, was {size.value}"
        problems.append(Problem(_SIZE_FIELDS[size.unit], reason))
    elif size is not None and size.unit is SizeUnit.QUANTITY:
        if not is_on_step(size.value, instrument.quantity_step):
            reason = f"{size.value} is not a multiple of the step {instrument.quantity_step}"
            problems.append(Problem("quantity", reason))
        elif 0 < size.value < instrument.quantity_min:
            reason = f"{size.value} is below the minimum {instrument.quantity_min}"
            problems.append(Problem("quantity", reason))
    return problems


def _form_problems(signal: Signal) -> list[Problem]:
    """Name what the entry's type needs and was not told, or was told and has no place there."""
    problems, kind = [], signal.entry_type
    if kind.has_limit and signal.price is None:
        problems.append(Problem("price", f"is required for a {kind} entry"))
    if kind.is_triggered and not kind.has_limit and signal.price is not None:
        reason = f"a {kind} entry takes none, a {kind}_limit one does, was {signal.price}"
        problems.append(Problem("price", reason))
    if kind.is_triggered and signal.trigger_price is None:
        problems.append(Problem("trigger_price", f"is required for a {kind} entry"))
    if not kind.is_triggered and signal.trigger_price is not None:
        reason = f"a {kind} entry waits for no price, was {signal.trigger_price}"
        problems.append(Problem("trigger_price", reason))
    if not kind.has_limit and signal.time_in_force not in (None, TimeInForce.IOC):
        reason = f"a {kind} entry is immediate, must be ioc, was {signal.time_in_force}"
        problems.append(Problem("time_in_force", reason))
    return problems


def _price_problems(signal: Signal, quote: Quote, rules: SignalRules) -> list[Problem]:
    problems = []
    told = {"trigger_price": signal.trigger_price, "price": signal.price}
    for field, price in told.items():
        if price is None:
            continue
        if not (price.is_finite() and price > 0):
            return [Problem(field, f"must be a price above 0, was {price}")]
        if abs(price - quote.mid) > quote.mid * rules.price_band_rate:
            away = f"more than {rules.price_band_rate:%} away from the market at {quote.mid}"
            problems.append(Problem(field, f"{price} is {away}"))
    if signal.entry_type.is_triggered and signal.trigger_price is not None:
        problems += _trigger_problems(signal, signal.trigger_price, quote)
    entry = signal.price or signal.trigger_price or quote.mid
    return problems + _exit_problems(signal, entry, rules)


def _trigger_problems(signal: Signal, trigger: Decimal, quote: Quote) -> list[Problem]:
    """Refuse a trigger that the price has reached already: it would be no order to wait."""
    price, name = (quote.ask, "ask") if signal.side is Side.BUY else (quote.bid, "bid")
    is_above = waits_above(signal.entry_type, signal.side)
    if trigger > price if is_above else trigger < price:
        return []
    where = "above" if is_above else "below"
    what = f"{signal.side} {signal.entry_type}"
    return [Problem("trigger_price", f"{trigger} must be {where} the {name} {price} for a {what}")]


def _exit_problems(signal: Signal, entry: Decimal, rules: SignalRules) -> list[Problem]:
    problems = []
    stop, target = exit_prices(signal, entry)
    for field, price, sign in (("stop_loss", stop, -1), ("take_profit", target, 1)):
        if price is None:
            continue
        side = "below" if sign * signal.side.sign < 0 else "above"
        if not price.is_finite() or price <= 0:
            problems.append(Problem(field, f"must be a price above 0, was {price}"))
        elif (price - entry) * sign * signal.side.sign <= 0:
            reason = f"{price} must be {side} the entry at {entry} for a {signal.side}"
            problems.append(Problem(field, reason))
        elif abs(price - entry) > entry * rules.exit_band_rate:
            reason = f"{price} is more than {rules.exit_band_rate:%} away from the entry at {entry}"
            problems.append(Problem(field, reason))
    return problems
