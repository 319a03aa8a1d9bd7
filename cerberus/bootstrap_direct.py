"""The emergency stop without an API: `cerberus emergency-stop --direct`."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from cerberus.adapters.clock import WallClock, market_clock
from cerberus.adapters.processes import is_gone, this_process
from cerberus.adapters.store import SqlStore
from cerberus.adapters.watch_file import WatchFile
from cerberus.bootstrap import build_desk
from cerberus.bootstrap_exchange import connect
from cerberus.bootstrap_store import database_url
from cerberus.coordination.lease import BEAT_SECONDS, LeaseKeeper
from cerberus.coordination.periodic import Periodic
from cerberus.coordination.taking_over import Hold, take_over
from cerberus.domain.market import MarketType
from cerberus.errors import CerberusError, StoreFailed
from cerberus.services.desk import Desk
from cerberus.services.emergency import StopReport, emergency_stop, latch_stop
from cerberus.services.follow import follow_all, follow_busy
from cerberus.services.known import present_books
from cerberus.services.left_at_venue import left_at_venue
from cerberus.services.standing import TRADING, keep_lease
from cerberus.settings import Paths, Ports, TradingSettings, load

ACTOR = "cerberus emergency-stop --direct"
#: how long what is held is closed again and again; the stop stays in force after that
PATIENCE_SECONDS = 90.0
_PAUSE_SECONDS = 1.0

Tell = Callable[[str], None]
Follow = Callable[[Desk], Awaitable[bool]]


async def stop_directly(reason: str, tell: Tell) -> bool:
    """Cancel and close everything with the adapter, and say whether nothing of ours is left.

    Entries are blocked in the store first, so that an API which is not dead after all enters
    nothing. Then the lease is waited for: of two that close, one would send what the other has.
    """
    paths, ports, settings, wall = load(Paths), load(Ports), load(TradingSettings), WallClock()
    connection = connect(settings, ports, paths.under_var("secrets"))
    store = SqlStore(database_url(paths, settings))
    watch = WatchFile(paths.under_var("data", "supervisor.json"), wall.now)
    desk = build_desk(paths, settings, connection, store, watch)
    desk.lease = LeaseKeeper(store, wall, TRADING, this_process(), is_gone=is_gone)
    connection.start()
    try:
        recorded = await latch_stop(desk, reason, ACTOR)
        tell("entries are blocked" if recorded else "the store cannot take the stop: going on")
        simulator = ports.simulator_url if settings.mode == "paper" else None
        await _load_markets(desk, simulator, tell)
        return await _stop(desk, reason, tell)
    finally:
        if desk.lease is not None:
            with contextlib.suppress(StoreFailed):
                await desk.lease.give_up()
        await connection.stop()
        store.close()


async def _load_markets(desk: Desk, simulator_url: str | None, tell: Tell) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if simulator_url is not None:
                desk.market_clock = await market_clock(simulator_url, desk.wall_clock)
            desk.instruments = await desk.exchange.instruments()
        except CerberusError as error:
            if time.monotonic() > deadline:
                raise
            tell(f"waiting for the venue: {error}")
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            return


async def _stop(desk: Desk, reason: str, tell: Tell) -> bool:
    hold = Hold.NO_STORE if desk.lease is None else await take_over(desk.lease, tell)
    if hold is Hold.OWNER_LIVES:
        tell("an API lives and has the lease: it was told through the store, and closes")
        return await _watch(desk, tell)
    async with _kept(desk) if hold is Hold.OURS else contextlib.nullcontext():
        if hold is Hold.OURS:
            # what was in flight when the API died; the rest is closed as the books have it
            await _settle(desk, follow_busy, tell)
        report = await _close(desk, reason, tell)
    for line in _lines(report):
        tell(line)
    return report.is_flat and await _verify(desk, tell, is_recorded=report.is_recorded)


@contextlib.asynccontextmanager
async def _kept(desk: Desk) -> AsyncIterator[None]:
    """Renew the lease as long as it is needed."""
    beats = Periodic("lease", BEAT_SECONDS, lambda: keep_lease(desk), desk.wall_clock)
    beating = asyncio.create_task(beats.run())
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)


async def _settle(desk: Desk, follow: Follow, tell: Tell) -> None:
    try:
        await follow(desk)
    except CerberusError as error:
        tell(f"what was in flight is not known: {error}")


async def _close(desk: Desk, reason: str, tell: Tell) -> StopReport:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        report = await emergency_stop(desk, reason, ACTOR)
        if report.is_flat or time.monotonic() > deadline:
            return report
        tell(f"held still: {report.open_positions} positions, {report.open_orders} entry orders")
        await asyncio.sleep(_PAUSE_SECONDS)
        if desk.halt is None:
            await _settle(desk, follow_all, tell)


async def _watch(desk: Desk, tell: Tell) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        books = await present_books(desk)
        if books is not None and not (books.positions or books.orders):
            return await _verify(desk, tell, is_recorded=True)
        await asyncio.sleep(_PAUSE_SECONDS)
    tell("it has not closed everything: end its process and repeat this command")
    return False


def _lines(report: StopReport) -> list[str]:
    return [
        f"entry orders cancelled: {report.cancelled_orders}",
        f"positions closed: {report.closed_positions}, still open: {report.open_positions}",
        *(f"problem: {problem}" for problem in report.problems),
    ]


async def _verify(desk: Desk, tell: Tell, *, is_recorded: bool) -> bool:
    """Ask the venue once more, and say what is left."""
    try:
        left = await left_at_venue(desk)
    except StoreFailed:
        # the stop itself has counted what is left of perpetuals, whoever holds them
        tell("the store cannot tell which are ours: every perpetual of the account is closed")
        tell("verified at the venue: no perpetual position, no entry order of ours")
        is_spot = desk.rules.market_type is MarketType.SPOT
        if is_spot:
            tell("what is held on spot cannot be told without the store: look at the venue")
        return not is_spot
    except CerberusError as error:
        tell(f"the venue cannot be asked what is left: {error}")
        return False
    for one in left.foreign:
        tell(f"not ours, left alone: {one}")
    for one in left.ours:
        tell(f"still there: {one}")
    if not left.ours:
        tell("verified at the venue: no position, no entry order, no trigger of ours")
    if is_recorded:
        tell("entries stay blocked until: cerberus release")
    return not left.ours
