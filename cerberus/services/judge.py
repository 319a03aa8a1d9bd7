"""Judge a signal: price it, size it, run every check over it."""

from dataclasses import dataclass, replace
from decimal import Decimal

from cerberus.domain.balances import Account, Balance, balance, entry_reservation
from cerberus.domain.checks import assess
from cerberus.domain.market import ONE, ZERO, Quote
from cerberus.domain.risk import Approved, Decision, RiskContext, RiskLimits
from cerberus.domain.signals import Signal
from cerberus.domain.sizing import Plan, SizingRules, plan_entry
from cerberus.domain.trades import Verdict
from cerberus.domain.validation import validate
from cerberus.services.desk import Desk
from cerberus.services.snapshot import Snapshot, take


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller may add to a signal; it only tightens, but for force (an admin's)."""

    risk_usd: Decimal | None = None
    leverage_max: Decimal | None = None
    force: bool = False


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the venue said just before a judgement."""

    quote: Quote
    account: Account


async def judge(desk: Desk, signal: Signal, wish: Wish) -> Decision:
    """Decide over a signal; advisory, since nothing is reserved."""
    outlook = await look(desk, signal.symbol)
    snapshot = await desk.store.read(take)
    return decide(desk, signal, wish, outlook, snapshot)


async def look(desk: Desk, symbol: str) -> Outlook:
    """Ask the venue for the price and, when ours is old, the account."""
    desk.instrument(symbol)
    account = await desk.account()
    return Outlook(await desk.quote(symbol), account)


def decide(
    desk: Desk, signal: Signal, wish: Wish, outlook: Outlook, snapshot: Snapshot
) -> Decision:
    """Decide over a signal with what is known; no I/O, so that it can be repeated in a write."""
    limits = desk.limits.tightened(wish.risk_usd, wish.leverage_max)
    instrument = desk.instrument(signal.symbol)
    wallet = (instrument.market_type, instrument.quote)
    funds = balance(outlook.account, wallet, snapshot.reserved.get(wallet, ZERO))
    pending = snapshot.pending_notional()
    rules = _sizing_rules(desk, signal, limits, funds, pending.get(signal.symbol, ZERO))
    plan = plan_entry(signal, instrument, outlook.quote, rules)
    now, keeping = desk.market_clock.now(), desk.rules.signal_rules
    problems = validate(signal, instrument, outlook.quote, now, keeping)
    context = _context(desk, plan, outlook, snapshot, funds)
    return assess(plan, replace(context, problems=problems, force=wish.force), limits)


def decide_again(
    desk: Desk, plan: Plan, outlook: Outlook, snapshot: Snapshot, *, force: bool
) -> Decision:
    """Decide over a plan that was approved before, and that the snapshot leaves out."""
    wallet = (plan.instrument.market_type, plan.instrument.quote)
    funds = balance(outlook.account, wallet, snapshot.reserved.get(wallet, ZERO))
    context = _context(desk, plan, outlook, snapshot, funds)
    return assess(plan, replace(context, force=force), desk.limits)


def _context(
    desk: Desk, plan: Plan, outlook: Outlook, snapshot: Snapshot, funds: Balance
) -> RiskContext:
    signal, instrument = plan.signal, plan.instrument
    now = desk.market_clock.now()
    worst = max(plan.worst_price, plan.entry_price)
    block = desk.blocked_by()
    if funds.deficit > 0 and not block:
        block = f"{funds.deficit} {instrument.quote} of what is reserved are missing"
    return RiskContext(
        now=now,
        quote=outlook.quote,
        balance=funds,
        record=snapshot.record(now),
        reservation=entry_reservation(instrument, signal.side, plan.quantity, worst, plan.leverage),
        positions=snapshot.positions,
        pending_notional=snapshot.pending_notional(),
        doubtful_symbols=snapshot.doubtful_symbols,
        emergency_stop=snapshot.emergency_stop,
        maintenance=snapshot.maintenance.reason_at(desk.wall_clock.now()),
        entry_block=block,
        foreign=snapshot.holds.entry_block,
        quarantine=snapshot.holds.symbol_block(signal.symbol),
        breaker=desk.guard.breakers.entry_block() if desk.guard is not None else "",
    )


def verdict(decision: Decision) -> Verdict:
    """Return a decision as it is kept and shown."""
    plan = decision.plan
    approved = isinstance(decision, Approved)
    return Verdict(
        approved=approved,
        refused_by="" if isinstance(decision, Approved) else decision.check,
        reason="" if isinstance(decision, Approved) else decision.reason,
        value="" if isinstance(decision, Approved) else decision.value,
        limit="" if isinstance(decision, Approved) else decision.limit,
        quantity=plan.quantity,
        entry_price=plan.entry_price,
        stop_price=plan.stop_price,
        target_price=plan.target_price,
        leverage=plan.leverage,
        risk_usd=plan.risk_usd,
        checks=decision.checks,
    )


def _leverage(signal: Signal, limits: RiskLimits) -> Decimal:
    if ":" not in signal.symbol:
        return ONE
    wanted = signal.leverage or limits.leverage_default
    # an excessive wish is refused by its check; sizing must not use it meanwhile
    return max(ONE, min(wanted, limits.leverage_max))


def _sizing_rules(
    desk: Desk, signal: Signal, limits: RiskLimits, funds: Balance, pending: Decimal
) -> SizingRules:
    return SizingRules(
        risk_usd=limits.risk_usd,
        exposure_usd=limits.exposure_usd - pending,
        available_usd=funds.available,
        equity_usd=max(ZERO, funds.total),
        leverage=_leverage(signal, limits),
        stop_loss_percent=desk.rules.stop_loss_percent,
        take_profit_percent=desk.rules.take_profit_percent,
        market_band_rate=desk.rules.market_band_rate,
        balance_spare_rate=limits.balance_spare_rate,
    )
