"""Size: from a signal and a risk budget to a quantity that the venue takes."""

from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Context, Decimal

from cerberus.domain.balances import entry_reservation
from cerberus.domain.market import ONE, ZERO, Instrument, Quote, round_down, round_up
from cerberus.domain.signals import Side, Signal, Size, SizeUnit, exit_prices

#: a budget is divided downwards, so that its last digit is never exceeded
_DOWNWARDS = Context(prec=28, rounding=ROUND_FLOOR)


@dataclass(frozen=True, slots=True)
class SizingRules:
    """What a size may cost, and what is assumed where a signal is silent."""

    risk_usd: Decimal
    exposure_usd: Decimal
    available_usd: Decimal
    equity_usd: Decimal
    leverage: Decimal
    stop_loss_percent: Decimal = Decimal(2)
    take_profit_percent: Decimal = Decimal(4)
    market_band_rate: Decimal = Decimal("0.005")
    balance_spare_rate: Decimal = Decimal("0.02")


@dataclass(frozen=True, slots=True)
class Plan:
    """A priced and sized entry that nobody has approved yet.

    `entry_price` is what the entry is expected to cost, `worst_price` the most that is accepted.
    `problem` says why no quantity was found.
    """

    signal: Signal
    instrument: Instrument
    entry_price: Decimal
    worst_price: Decimal
    stop_price: Decimal
    target_price: Decimal
    quantity: Decimal
    leverage: Decimal
    problem: str = ""

    @property
    def notional(self) -> Decimal:
        """The value of the entry in the quote currency."""
        return self.quantity * self.entry_price

    @property
    def risk_usd(self) -> Decimal:
        """What is lost when the stop fills at its price, fees apart."""
        return self.quantity * abs(self.entry_price - self.stop_price)


def plan_entry(signal: Signal, instrument: Instrument, quote: Quote, rules: SizingRules) -> Plan:
    """Price a signal against the market and find its quantity."""
    entry = _entry_price(signal, quote)
    stop, target = exit_prices(signal, entry)
    sign = signal.side.sign
    if stop is None:
        stop = entry * (ONE - sign * rules.stop_loss_percent / 100)
    if target is None:
        target = entry * (ONE + sign * rules.take_profit_percent / 100)
    is_long = signal.side is Side.BUY
    stop = (round_up if is_long else round_down)(stop, instrument.price_tick)
    target = (round_down if is_long else round_up)(target, instrument.price_tick)
    draft = Plan(
        signal=signal,
        instrument=instrument,
        entry_price=entry,
        worst_price=_worst_price(signal, instrument, entry, rules),
        stop_price=stop,
        target_price=target,
        quantity=ZERO,
        leverage=rules.leverage if instrument.is_swap else ONE,
    )
    problem = exit_problem(draft, entry)
    quantity, short = (ZERO, "") if problem else _quantity(draft, rules)
    return replace(draft, quantity=quantity, problem=problem or short)


def smallest_quantity(instrument: Instrument, entry: Decimal, stop: Decimal) -> Decimal:
    """Return the smallest quantity, on the step, that the venue takes and that can be protected.

    A spot holding is sold by its stop: what is left of it after a fee in base must be worth the
    venue's minimum at the stop's price. A perpetual is reduced, whatever it is worth.
    """
    step = instrument.quantity_step
    price = entry if instrument.is_swap else min(entry, stop)
    least = round_up(max(step, instrument.quantity_min, instrument.notional_min / price), step)
    if instrument.is_swap:
        return least
    return round_up(least / (ONE - instrument.fee_rate_taker), step)


def exit_problem(plan: Plan, entry: Decimal) -> str:
    """Say which exit the market has passed since the signal was told, or the tick has moved."""
    sign, side = plan.signal.side.sign, plan.signal.side
    if plan.stop_price <= 0 or plan.target_price <= 0:
        return f"stop {plan.stop_price} and target {plan.target_price} must be above 0"
    if (entry - plan.stop_price) * sign <= 0:
        return f"stop {plan.stop_price} is not behind the entry {entry} of a {side}"
    if (plan.target_price - entry) * sign <= 0:
        return f"target {plan.target_price} is not beyond the entry {entry} of a {side}"
    return ""


def _entry_price(signal: Signal, quote: Quote) -> Decimal:
    if signal.entry_type.has_limit and signal.price is not None:
        return signal.price
    if signal.entry_type.is_triggered and signal.trigger_price is not None:
        return signal.trigger_price
    return quote.ask if signal.side is Side.BUY else quote.bid


def _worst_price(
    signal: Signal, instrument: Instrument, entry: Decimal, rules: SizingRules
) -> Decimal:
    if signal.entry_type.has_limit:
        return entry
    if signal.side is Side.BUY:
        return round_up(entry * (ONE + rules.market_band_rate), instrument.price_tick)
    worst = round_down(entry * (ONE - rules.market_band_rate), instrument.price_tick)
    return max(instrument.price_tick, worst)


def _quantity(plan: Plan, rules: SizingRules) -> tuple[Decimal, str]:
    instrument, entry, size = plan.instrument, plan.entry_price, plan.signal.size
    least = smallest_quantity(instrument, entry, plan.stop_price)
    if size is not None and size.value > 0:
        wanted = _wanted(size, instrument, entry, rules)
        if wanted < least:
            return wanted, f"quantity {wanted} is below the venue's minimum {least}"
        return wanted, ""
    by_risk = _quotient(rules.risk_usd, abs(entry - plan.stop_price))
    by_exposure = _quotient(max(ZERO, rules.exposure_usd), entry)
    fitting = min(by_risk, by_exposure, _affordable(plan, rules))
    quantity = round_down(fitting, instrument.quantity_step)
    if quantity >= least:
        return quantity, ""
    if least <= by_risk:
        # the minimum fits the risk; exposure and balance have checks of their own
        return least, ""
    return quantity, f"the venue's minimum {least} risks more than {rules.risk_usd} to the stop"


def _wanted(size: Size, instrument: Instrument, entry: Decimal, rules: SizingRules) -> Decimal:
    if size.unit is SizeUnit.QUANTITY:
        return size.value
    usd = size.value if size.unit is SizeUnit.USD else rules.equity_usd * size.value / 100
    return round_down(_quotient(usd, entry), instrument.quantity_step)


def _affordable(plan: Plan, rules: SizingRules) -> Decimal:
    usable = rules.available_usd * (ONE - rules.balance_spare_rate)
    least = entry_reservation(
        plan.instrument,
        plan.signal.side,
        ONE,
        max(plan.worst_price, plan.entry_price),
        plan.leverage,
    )
    return _quotient(usable, least.amount)


def _quotient(value: Decimal, divisor: Decimal) -> Decimal:
    return _DOWNWARDS.divide(value, divisor)
