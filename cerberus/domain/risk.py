"""Risk: the limits, and the decision that lets an entry pass or says which check refused it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from decimal import Decimal

from cerberus.domain.balances import Balance, Reservation
from cerberus.domain.market import ONE, ZERO, Quote, round_down
from cerberus.domain.positions import Position
from cerberus.domain.sizing import Plan
from cerberus.domain.validation import Problem


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """Every limit that an entry must keep; money is in USD, rates are shares of one."""

    risk_usd: Decimal = Decimal(15)
    leverage_max: Decimal = Decimal(30)
    leverage_default: Decimal = Decimal(5)
    positions_max: int = 5
    exposure_usd: Decimal = Decimal(5000)
    drawdown_rate: Decimal = Decimal("0.05")
    daily_loss_usd: Decimal = Decimal(60)
    losses_in_a_row: int = 5
    cooldown: timedelta = timedelta(minutes=5)
    quote_age: timedelta = timedelta(seconds=10)
    spread_rate: Decimal = Decimal("0.003")
    confidence: Decimal = Decimal("0.5")
    hours_from: time = time(0)
    hours_to: time = time(0)
    liquidation_share: Decimal = Decimal("0.8")
    balance_spare_rate: Decimal = Decimal("0.02")

    def tightened(self, risk_usd: Decimal | None, leverage_max: Decimal | None) -> "RiskLimits":
        """Return the limits under the caller's own; a looser wish changes nothing.

        What is assumed where a signal is silent is whole: venues set no part of a leverage.
        """
        leverage = self.leverage_max if leverage_max is None else leverage_max
        leverage = min(self.leverage_max, leverage)
        return replace(
            self,
            risk_usd=self.risk_usd if risk_usd is None else min(self.risk_usd, risk_usd),
            leverage_max=leverage,
            leverage_default=round_down(min(self.leverage_default, leverage), ONE),
        )


@dataclass(frozen=True, slots=True)
class Record:
    """How trading has gone, net of deposits: what drawdown, daily loss and cooldown look at."""

    equity: Decimal = ZERO
    peak_equity: Decimal = ZERO
    drawdown_latched: bool = False
    daily_pnl: Decimal = ZERO
    losses_in_a_row: int = 0
    last_closed_at: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def drawdown_rate(self) -> Decimal:
        """The fall from the peak as a share of the peak."""
        if self.peak_equity <= 0:
            return ZERO
        return max(ZERO, (self.peak_equity - self.equity) / self.peak_equity)


@dataclass(frozen=True, slots=True)
class RiskContext:
    """What the checks look at beside the plan itself, all read at one moment."""

    now: datetime
    quote: Quote
    balance: Balance
    record: Record
    reservation: Reservation
    positions: Mapping[str, Position] = field(default_factory=dict)
    pending_notional: Mapping[str, Decimal] = field(default_factory=dict)
    doubtful_symbols: frozenset[str] = frozenset()
    problems: Sequence[Problem] = ()
    emergency_stop: str = ""
    maintenance: str = ""
    entry_block: str = ""
    foreign: str = ""
    quarantine: str = ""
    breaker: str = ""
    force: bool = False

    def exposure(self, symbol: str) -> Decimal:
        """Return the notional that is held or about to be held on a symbol."""
        held = self.positions.get(symbol)
        value = held.quantity * held.entry_price if held is not None else ZERO
        return value + self.pending_notional.get(symbol, ZERO)


@dataclass(frozen=True, slots=True)
class Check:
    """One check with what it saw; a failed soft check may be skipped by force."""

    name: str
    passed: bool
    value: str
    limit: str
    reason: str = ""
    is_soft: bool = False


@dataclass(frozen=True, slots=True)
class Approved:
    """A plan that every check has let pass; the only thing that execution accepts."""

    plan: Plan
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A plan that a check has refused; `check` is the first one that failed."""

    plan: Plan
    check: str
    reason: str
    value: str
    limit: str
    checks: tuple[Check, ...]


Decision = Approved | Refused


def decide(plan: Plan, checks: list[Check], *, force: bool) -> Decision:
    """Return the decision over all checks; force passes over the failed soft ones."""
    failed = [check for check in checks if not check.passed and not (force and check.is_soft)]
    if not failed:
        return Approved(plan, tuple(checks))
    first = failed[0]
    return Refused(plan, first.name, first.reason, first.value, first.limit, tuple(checks))
