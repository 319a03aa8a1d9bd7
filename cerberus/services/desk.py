"""What every use case works with: the ports, the rules, and the locks of one account."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from cerberus.coordination.lease import LeaseKeeper
from cerberus.coordination.monitor import Monitor
from cerberus.domain.balances import Account, Wallet
from cerberus.domain.exits import Exit
from cerberus.domain.market import Instrument, MarketType, Quote
from cerberus.domain.orders import Order
from cerberus.domain.positions import Position
from cerberus.domain.reconciliation_report import Report
from cerberus.domain.risk import RiskLimits
from cerberus.domain.signals import DUPLICATE_WINDOW
from cerberus.domain.validation import SignalRules
from cerberus.errors import Invalid, NotTheWriter, Transient
from cerberus.ports import Clock, Exchange, Latch, Store, Transaction
from cerberus.resilience.deduplicator import Deduplicator
from cerberus.resilience.guard import Guard

Result = TypeVar("Result")

#: validation, judgement and order of one signal look at one price
QUOTE_REUSE = timedelta(milliseconds=200)
#: a placement is over at the venue so long before the lease under which it was sent
LEASE_SPARE = timedelta(milliseconds=500)


@dataclass(frozen=True, slots=True)
class TradingRules:
    """Settings of the desk that are no risk limit."""

    market_type: MarketType = MarketType.SWAP
    signal_rules: SignalRules = field(default_factory=SignalRules)
    stop_loss_percent: Decimal = Decimal(2)
    take_profit_percent: Decimal = Decimal(4)
    market_band_rate: Decimal = Decimal("0.005")
    placement_lifetime: timedelta = timedelta(seconds=5)
    account_age: timedelta = timedelta(seconds=30)
    symbols: tuple[str, ...] = ("BTC/USDT:USDT", "ETH/USDT:USDT")
    timeframe: str = "5m"


@dataclass(frozen=True, slots=True)
class Books:
    """What the store last said is alive: what to go by when it can be read no more."""

    orders: tuple[Order, ...] = ()
    positions: tuple[Position, ...] = ()
    exits: tuple[Exit, ...] = ()


@dataclass(slots=True)
class Reconciliation:
    """The last comparison with the venue, and what the next one goes on from."""

    report: Report | None = None
    #: up to which fill of each symbol everything is known
    seen: dict[str, datetime] = field(default_factory=dict)
    #: since when a wallet has held more or less than it should, and by how much
    drifting: dict[Wallet, tuple[datetime, Decimal]] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class Halt:
    """An emergency stop that the store has not taken yet; it holds entries back all the same."""

    reason: str
    actor: str
    at: datetime
    is_latched: bool = False
    #: how many closes of a symbol are over already, so that the next one has another id
    attempts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class Desk:
    """One account at one venue.

    Whatever sends an order, or asks what became of one, holds the lock of its symbol: nobody
    takes an order that is on its way for a lost one.
    """

    exchange: Exchange
    store: Store
    market_clock: Clock
    wall_clock: Clock
    limits: RiskLimits
    rules: TradingRules
    instruments: Mapping[str, Instrument] = field(default_factory=dict)
    entry_block: Callable[[], str] = lambda: ""
    latch: Latch | None = None
    guard: Guard | None = None
    #: the right to write this account's books; None where nobody else can
    lease: LeaseKeeper | None = None
    monitor: Monitor | None = None
    recovered: bool = False
    stopping: bool = False
    halt: Halt | None = None
    books: Books | None = None
    #: symbols on which no close of a stop can have been left out of the books
    adopted: set[str] = field(default_factory=set)
    #: at which step of the follower each quiet symbol was last asked about
    turns: dict[str, int] = field(default_factory=dict)
    locks: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    leverages: dict[str, Decimal] = field(default_factory=dict)
    reconciliation: Reconciliation = field(default_factory=Reconciliation)
    duplicates: Deduplicator = field(default_factory=lambda: Deduplicator(DUPLICATE_WINDOW))
    _account: Account | None = None
    _account_changes: int = 0
    _quotes: dict[str, tuple[datetime, Quote]] = field(default_factory=dict)

    def instrument(self, symbol: str) -> Instrument:
        """Return a market of the venue.

        Raises
        ------
        Invalid
            The venue does not trade it.
        Transient
            The venue's markets are not known yet.
        """
        if not self.instruments:
            raise Transient("the venue's markets are not known yet")
        try:
            return self.instruments[symbol]
        except KeyError:
            raise Invalid("symbol", f"is not traded on this venue, was {symbol}") from None

    async def write(self, work: Callable[[Transaction], Result]) -> Result:
        """Write what only the account's one writer may: its lease is checked in the transaction.

        Raises
        ------
        NotTheWriter
            Another process has the lease; nothing is stored.
        StoreFailed
            The lease has run out, or the store has failed.
        """
        lease = self.lease
        if lease is None:
            return await self.store.write(work)

        def guarded(transaction: Transaction) -> Result:
            lease.check(transaction)
            return work(transaction)

        return await self.store.write(guarded)

    def placement_expiry(self) -> datetime:
        """Return until when the venue may take what is sent now: before the lease ends."""
        expiry = self.wall_clock.now() + self.rules.placement_lifetime
        ends_at = None if self.lease is None else self.lease.ends_at()
        return expiry if ends_at is None else min(expiry, ends_at - LEASE_SPARE)

    def forget(self) -> None:
        """Forget what only the writer may rely on: another process may trade from here on."""
        self.recovered = False
        self.account_changed()
        self.leverages.clear()
        self.adopted.clear()
        self.reconciliation = Reconciliation()

    @property
    def is_standby(self) -> bool:
        """Whether another process trades on this store, and this one only reads."""
        return self.lease is not None and self.lease.is_foreign

    async def account(self, max_age: timedelta | None = None) -> Account:
        """Return the account, asked for again when it is older than the rules allow."""
        limit = self.rules.account_age if max_age is None else max_age
        held = self._account
        if held is not None and self.wall_clock.now() - held.at <= limit:
            return held
        while True:
            changes = self._account_changes
            held = await self.exchange.account()
            if changes == self._account_changes:  # else a fill came in between
                self._account = held
                return held

    @property
    def last_account(self) -> Account | None:
        """The account as it was last told, None when a fill has changed it since."""
        return self._account

    async def quote(self, symbol: str) -> Quote:
        """Return the best prices, those of a moment ago where they were just asked for."""
        now = self.wall_clock.now()
        held = self._quotes.get(symbol)
        if held is None or now - held[0] > QUOTE_REUSE:
            held = self._quotes[symbol] = (now, await self.exchange.quote(symbol))
        return held[1]

    def account_changed(self) -> None:
        """Forget the account: a fill has moved margin and balances."""
        self._account = None
        self._account_changes += 1

    def blocked_by(self) -> str:
        """Return why no entry is let through at present, empty when none is held back."""
        if self.stopping:
            return "the API is shutting down"
        if self.halt is not None:
            return f"emergency stop, not recorded yet: {self.halt.reason}"
        if self.lease is not None and self.is_standby:
            return self.lease.problem()
        if not self.recovered:
            return "recovery of what was in flight has not finished"
        return self.entry_block()

    def ensure_open(self) -> None:
        """Refuse for now while markets or what was in flight are not known, or at the end.

        Raises
        ------
        NotTheWriter
            Another process trades on this store.
        Transient
            The same request may be right a moment later, so it is no refusal.
        """
        if self.lease is not None and self.is_standby and not self.stopping:
            raise NotTheWriter(self.lease.problem())
        if self.stopping or not self.recovered:
            raise Transient(self.blocked_by())

    def today(self) -> datetime:
        """Return the present market time."""
        return self.market_clock.now()
