"""What the services need from the outside world, in domain words."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol, TypeVar

from cerberus.alert_repositories import Alerts, Deliveries, Samples
from cerberus.coordination_repositories import Leases, Tasks, Workers
from cerberus.domain.alerts.message import AlertMessage
from cerberus.domain.analytics.columns import Span
from cerberus.domain.analytics.files import ReportFile
from cerberus.domain.analytics.report import Report
from cerberus.domain.backups import Backup, BackupTaken, Drill
from cerberus.domain.balances import Account
from cerberus.domain.exits import Exit, VenueTrigger
from cerberus.domain.fills import Fill
from cerberus.domain.funding import FundingPayment
from cerberus.domain.market import Candle, Instrument, Quote
from cerberus.domain.orders import ListedOrder, Order, VenueOrder
from cerberus.repositories import Answers, Exits, Facts, Funding, Orders, Positions, Signals, Trades

Result = TypeVar("Result")


class Clock(Protocol):
    """A source of aware UTC time; there is one for wall time and one for market time."""

    def now(self) -> datetime:
        """Return the present moment."""
        ...


class Exchange(Protocol):
    """A venue. Every method may raise Transient, Rejected or Unknown."""

    async def instruments(self) -> Mapping[str, Instrument]:
        """Return every market by its unified symbol."""
        ...

    async def quote(self, symbol: str) -> Quote:
        """Return the best prices now."""
        ...

    async def candles(
        self, symbol: str, timeframe: str, limit: int, since: datetime | None = None
    ) -> Sequence[Candle]:
        """Return the newest bars, or the first from a moment on, oldest first.

        The last one may still be open; a limit beyond the venue's own gives fewer.
        """
        ...

    async def account(self) -> Account:
        """Return wallet totals and perpetual positions."""
        ...

    async def set_leverage(self, symbol: str, leverage: Decimal) -> Decimal:
        """Set the leverage of a perpetual and return what the venue has set."""
        ...

    async def place(self, order: Order) -> VenueOrder:
        """Send an order once; a timeout, reset or 5xx raises Unknown."""
        ...

    async def find(self, order: Order) -> VenueOrder | None:
        """Ask for an order by its venue id, else its client id; None when the venue knows none."""
        ...

    async def cancel(self, order: Order) -> None:
        """Cancel an order; one that is over already is no error."""
        ...

    async def fills(self, symbol: str, order_venue_id: str) -> Sequence[Fill]:
        """Return the fills of one order."""
        ...

    async def open_orders(self, symbol: str | None = None) -> Sequence[ListedOrder]:
        """Return every order that rests on the account, or on a symbol, whoever has sent it.

        Triggers are apart.
        """
        ...

    async def finished_orders(self, symbol: str) -> Sequence[ListedOrder]:
        """Return the newest orders of a symbol that are over, whoever has sent them."""
        ...

    async def recent_fills(self, symbol: str, since: datetime | None) -> Sequence[Fill]:
        """Return the fills of a symbol from a moment on, else the newest, whoever has traded."""
        ...

    async def resting_triggers(self) -> Sequence[VenueTrigger]:
        """Return every trigger that waits on the account, whoever has placed it."""
        ...

    async def funding(self, symbol: str, since: datetime) -> Sequence[FundingPayment]:
        """Return every funding payment of a perpetual from a moment on, oldest first."""
        ...

    async def place_trigger(self, wanted: Exit) -> str:
        """Place a protective trigger once and return its venue id."""
        ...

    async def triggers(self, symbol: str, *, is_open: bool) -> Sequence[VenueTrigger]:
        """Return the open, or the newest finished, triggers of a symbol."""
        ...

    async def cancel_trigger(self, symbol: str, venue_id: str) -> bool:
        """Cancel a trigger; False when it was over already: it may have fired."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


class Latch(Protocol):
    """One short text that outlives the process when the store cannot be written."""

    def put(self, value: Mapping[str, str]) -> None:
        """Keep a value, empty for none; may raise StoreFailed."""
        ...

    def get(self) -> Mapping[str, str]:
        """Return what is kept, empty for none."""
        ...


class Notifier(Protocol):
    """One channel to people.

    `send` raises Rejected when the message itself is refused, Transient or any other error when it
    may be sent again; it may be given the same message twice, under the same id.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - named by its type
    @property
    def takes_groups(self) -> bool: ...  # noqa: D102 - whether a message may have several alerts
    @property
    def follows(self) -> bool: ...  # noqa: D102 - whether it is told of acknowledgements too

    async def send(self, message: AlertMessage, /) -> None:
        """Send a message once."""
        ...


class Flows(Protocol):
    """The flows that can be started from outside."""

    async def start(self, flow: str, body: Mapping[str, object], key: str | None) -> str:
        """Start a flow, `namespace/id`, by its webhook; return the execution's id.

        Raises Transient when nothing was started, Unknown when it may have been.
        """
        ...


class Transaction(Protocol):
    """All repositories, inside one transaction."""

    @property
    def signals(self) -> Signals: ...  # noqa: D102 - named by its type
    @property
    def trades(self) -> Trades: ...  # noqa: D102 - named by its type
    @property
    def orders(self) -> Orders: ...  # noqa: D102 - named by its type
    @property
    def positions(self) -> Positions: ...  # noqa: D102 - named by its type
    @property
    def exits(self) -> Exits: ...  # noqa: D102 - named by its type
    @property
    def funding(self) -> Funding: ...  # noqa: D102 - named by its type
    @property
    def answers(self) -> Answers: ...  # noqa: D102 - named by its type
    @property
    def facts(self) -> Facts: ...  # noqa: D102 - named by its type
    @property
    def leases(self) -> Leases: ...  # noqa: D102 - named by its type
    @property
    def workers(self) -> Workers: ...  # noqa: D102 - named by its type
    @property
    def tasks(self) -> Tasks: ...  # noqa: D102 - named by its type
    @property
    def alerts(self) -> Alerts: ...  # noqa: D102 - named by its type
    @property
    def deliveries(self) -> Deliveries: ...  # noqa: D102 - named by its type
    @property
    def samples(self) -> Samples: ...  # noqa: D102 - named by its type


class Store(Protocol):
    """The state. A write is one transaction of the only writer; it spans no network call."""

    async def write(self, work: Callable[[Transaction], Result]) -> Result:
        """Run work in a write transaction and commit, or roll back when it raises."""
        ...

    async def read(self, work: Callable[[Transaction], Result]) -> Result:
        """Run work on a consistent snapshot."""
        ...


class Backups(Protocol):
    """The backups of the state. Every method raises Conflict where the database has its own."""

    async def take(self, at: datetime) -> BackupTaken:
        """Back the state up as it is at one moment; may raise StoreFailed."""
        ...

    async def all(self) -> list[Backup]:
        """Return the backups, newest first."""
        ...

    async def drill(self, file: str | None, at: datetime) -> Drill:
        """Restore a backup, by default the newest, where nobody trades, and check its books."""
        ...


class Analytics(Protocol):
    """Statistics of closed trades; nothing that trades waits for them."""

    async def measure(self, span: Span) -> Report:
        """Return the statistics of a range; may raise Transient."""
        ...

    async def draw(self, span: Span) -> tuple[Report, ReportFile]:
        """Write the report of a range, and return what it says."""
        ...

    async def reports(self) -> list[ReportFile]:
        """Return the drawn reports, the one that was made last first."""
        ...

    async def page(self, name: str) -> bytes:
        """Return a report as HTML; may raise NotFound."""
        ...

    async def picture(self, name: str) -> bytes:
        """Return a report's charts as PNG; may raise NotFound."""
        ...

    async def charts(self, span: Span) -> bytes:
        """Return the charts of a range as PNG and keep nothing; may raise NotFound."""
        ...
