"""Put the API process together: settings, adapters, services. Only here is an adapter named."""

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass, field

from cerberus import secret_files
from cerberus.adapters.analytics.process import AnalyticsProcess
from cerberus.adapters.clock import WallClock, market_clock
from cerberus.adapters.latch import FileLatch
from cerberus.adapters.processes import is_gone, this_process
from cerberus.adapters.store import SqlStore
from cerberus.adapters.usage import ProcessUsage
from cerberus.adapters.watch_file import WatchFile
from cerberus.bootstrap_alerts import Alerting, build_alerting
from cerberus.bootstrap_exchange import Connection, connect
from cerberus.bootstrap_outside import Outside, build_outside
from cerberus.bootstrap_rules import risk_limits, trading_rules
from cerberus.bootstrap_store import database_url, migrate_database, store_backups
from cerberus.bootstrap_webhooks import WebhookParts, build_webhooks
from cerberus.chat.telegram import TelegramChat
from cerberus.coordination.crew import Crew
from cerberus.coordination.lease import BEAT_SECONDS, LeaseKeeper
from cerberus.coordination.monitor import Monitor
from cerberus.coordination.periodic import Periodic
from cerberus.coordination.worker import BEAT_SECONDS as WORKER_BEAT_SECONDS
from cerberus.coordination.worker import LOOK_SECONDS, TaskWorker
from cerberus.domain.market import MarketType
from cerberus.errors import StoreFailed
from cerberus.ports import Analytics, Backups
from cerberus.services.desk import Desk
from cerberus.services.dispatch import Dispatcher
from cerberus.services.duplicates import CLEANING_SECONDS, forget_old_duplicates
from cerberus.services.emergency import finish_stop, recall_stop
from cerberus.services.follow import follow_all, follow_next
from cerberus.services.funding import read_funding
from cerberus.services.process_readings import note_shutdown
from cerberus.services.reconcile import reconcile
from cerberus.services.standing import TRADING, as_writer, keep_lease
from cerberus.services.tasks import TASK_LOOP, handlers
from cerberus.services.value import begin_record, value_positions
from cerberus.settings import Paths, Ports, RiskSettings, TradingSettings, load
from cerberus.strategies import StrategySettings

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Runtime:
    """Everything the API works with, and the loops beside it."""

    mode: str
    desk: Desk
    dispatcher: Dispatcher
    strategies: StrategySettings
    market_type: MarketType
    api_token: str
    admin_token: str
    store: SqlStore
    backups: Backups
    analytics: Analytics
    watch: WatchFile
    opening: Periodic
    leasing: Periodic
    emergency: Periodic
    monitor: Monitor
    worker: TaskWorker
    connection: Connection
    loops: list[Periodic]
    alerting: Alerting
    webhooks: WebhookParts
    outside: list[Outside]
    crew: Crew = field(default_factory=Crew)
    are_loops_running: bool = False
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    @property
    def telegram(self) -> TelegramChat | None:
        """Who takes what comes by Telegram's webhook; None while there is no such webhook."""
        chats = (one for one in self.outside if isinstance(one, TelegramChat))
        return next((one for one in chats if one.webhook is not None), None)

    async def start(self) -> None:
        """Begin to open the desk, to work the queue and to follow what is alive."""
        wall = self.desk.wall_clock
        # a stop waits for nothing: not for the markets, not for the store
        first = [
            self.emergency,
            self.leasing,
            Periodic("monitor", 5.0, self.monitor.step, wall),
            Periodic("worker", WORKER_BEAT_SECONDS, self.worker.beat, wall),
            Periodic(TASK_LOOP, LOOK_SECONDS, self.worker.work, wall),
        ]
        self.connection.start()
        self.alerting.start([self.opening, *first, *self.loops])
        self.monitor.watch(self.crew, self.connection.crew, self.alerting.crew)
        self.crew.start(first)
        self.tasks = [
            asyncio.create_task(self._open(), name="opening"),
            asyncio.create_task(self.dispatcher.run(), name="dispatcher"),
        ]
        self.tasks += [asyncio.create_task(one.run(), name=one.name) for one in self.outside]

    async def stop(self, patience_seconds: float = 3) -> None:
        """Finish what is in flight, leave the exits at the venue, close the store."""
        began = time.monotonic()
        self.desk.stopping = True
        for one in self.outside:
            await one.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.dispatcher.drained(), patience_seconds)
        drained = time.monotonic() - began < patience_seconds
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.webhooks.stop()
        await self.crew.stop()
        await self.alerting.stop()
        await self.connection.stop()
        with contextlib.suppress(StoreFailed, TimeoutError):  # then the lease runs out by itself
            told = self._sign_off(time.monotonic() - began, drained=drained)
            await asyncio.wait_for(told, patience_seconds)
        self.store.close()

    async def _sign_off(self, seconds: float, *, drained: bool) -> None:
        now = self.desk.wall_clock.now()
        if not self.desk.is_standby:
            await self.store.write(lambda tx: note_shutdown(tx, now, seconds, drained=drained))
        await self.worker.leave()
        if self.desk.lease is not None:
            await self.desk.lease.give_up()

    async def _open(self) -> None:
        """Open the desk, and again whenever another process has traded meanwhile."""
        while True:
            # a standby has its markets, and waits for the lease
            is_waiting = self.desk.is_standby and bool(self.desk.instruments)
            if not (self.desk.recovered or is_waiting):
                await self.opening.once()
                self._begin()
            await asyncio.sleep(self.opening.seconds)

    def _begin(self) -> None:
        if not self.desk.recovered:
            return
        log.info("desk_open mode=%s", self.mode)
        if not self.are_loops_running:
            self.are_loops_running = True
            self.crew.start(self.loops)


def build() -> Runtime:
    """Read the settings, bring the database up to date and build the process.

    Raises
    ------
    Misconfigured
        The settings do not allow a start; the message says what to change.
    """
    paths, ports, settings, wall = load(Paths), load(Ports), load(TradingSettings), WallClock()
    log.info("%s", migrate_database())
    secrets = paths.under_var("secrets")
    store = SqlStore(database_url(paths, settings))
    watch = WatchFile(paths.under_var("data", "supervisor.json"), wall.now)
    connection = connect(settings, ports, secrets)
    desk, monitor, lease = _manned_desk(paths, settings, connection, store, watch)
    simulator = ports.simulator_url if settings.mode == "paper" else None
    return Runtime(
        mode=settings.mode,
        desk=desk,
        dispatcher=Dispatcher(desk),
        strategies=StrategySettings(),
        market_type=MarketType(settings.market_type),
        api_token=secret_files.read(secrets, "api_token"),
        admin_token=secret_files.read(secrets, "admin_token"),
        store=store,
        backups=store_backups(paths, settings),
        analytics=_analytics(paths, settings),
        watch=watch,
        opening=Periodic("opening", 0.5, lambda: open_desk(desk, simulator), wall),
        leasing=Periodic("lease", BEAT_SECONDS, lambda: keep_lease(desk), wall),
        emergency=Periodic("emergency", 2.0, lambda: _finish_stop(desk), wall),
        monitor=monitor,
        worker=TaskWorker(store, wall, TRADING, lease, handlers(desk), is_gone),
        loops=_loops(desk, settings),
        webhooks=build_webhooks(desk, ports, secrets),
        alerting=build_alerting(desk, watch, monitor.problems),
        outside=build_outside(ports, secrets),
        connection=connection,
    )


def _manned_desk(
    paths: Paths,
    settings: TradingSettings,
    connection: Connection,
    store: SqlStore,
    watch: WatchFile,
) -> tuple[Desk, Monitor, LeaseKeeper]:
    """Return the desk with what watches this process and what makes it the one writer."""
    desk = build_desk(paths, settings, connection, store, watch)
    recall_stop(desk)
    wall = desk.wall_clock
    desk.monitor = monitor = Monitor(wall, ProcessUsage())
    desk.lease = lease = LeaseKeeper(store, wall, TRADING, this_process(), is_gone=is_gone)
    return desk, monitor, lease


async def open_desk(desk: Desk, simulator_url: str | None) -> None:
    """Load the markets and find out what became of everything that was left in flight."""
    if simulator_url is not None:
        desk.market_clock = await market_clock(simulator_url, desk.wall_clock)
    desk.instruments = await desk.exchange.instruments()
    await keep_lease(desk)
    await begin_record(desk)
    if await follow_all(desk):
        if desk.halt is None:  # else no entry is let through anyway, and the books are behind
            # before the first entry: what is not ours must be known
            await reconcile(desk)
        desk.recovered = not desk.is_standby  # the lease may be lost again by now


async def _finish_stop(desk: Desk) -> None:
    # one that the store has not taken yet is known to nobody else
    if desk.halt is not None or not desk.is_standby:
        await finish_stop(desk)


def build_desk(
    paths: Paths,
    settings: TradingSettings,
    connection: Connection,
    store: SqlStore,
    watch: WatchFile,
) -> Desk:
    """Build the desk of this process; it has taken no lease yet."""
    wall = WallClock()
    return Desk(
        exchange=connection.exchange,
        store=store,
        market_clock=wall,
        wall_clock=wall,
        limits=risk_limits(load(RiskSettings)),
        rules=trading_rules(settings),
        entry_block=watch.given_up,
        latch=FileLatch(paths.under_var("data", "stop.json")),
        guard=connection.guard,
    )


def _analytics(paths: Paths, settings: TradingSettings) -> AnalyticsProcess:
    return AnalyticsProcess(
        url=database_url(paths, settings),
        folder=paths.under_var("report"),
        kept=settings.reports_kept,
        patience_seconds=settings.analytics_seconds,
    )


def _loops(desk: Desk, settings: TradingSettings) -> list[Periodic]:
    wall, jitter = desk.wall_clock, settings.funding_seconds / 10
    funding, reconciling = settings.funding_seconds, settings.reconcile_seconds
    return [
        # an account that a fill has made out of date, or that nobody asked for, is asked for again
        Periodic("balance", desk.rules.account_age.total_seconds(), desk.account, wall),
        Periodic("duplicates", CLEANING_SECONDS, lambda: forget_old_duplicates(desk), wall),
        Periodic("follow", 1.0, as_writer(desk, lambda: follow_next(desk)), wall),
        Periodic("value", 10.0, as_writer(desk, lambda: value_positions(desk)), wall),
        Periodic("funding", funding, as_writer(desk, lambda: read_funding(desk)), wall, jitter),
        Periodic("reconcile", reconciling, as_writer(desk, lambda: reconcile(desk)), wall),
    ]
