"""A store with a million closed trades, made with plain SQL, and the report over all of them."""

import asyncio
import sqlite3
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from cerberus.adapters.analytics.process import AnalyticsProcess
from cerberus.adapters.store.migrate import migrate
from cerberus.domain.analytics.columns import Span

TRADES = 1_000_000
#: a year of them, one every 31.5 seconds, each open for up to eight hours
START, END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)

_LOOK_SECONDS = 0.02
_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers LIMIT ?)"
_ID = "printf('%08x-0000-7000-8000-{0}%011x', n, n)"
_SYMBOL = (
    "CASE n % 4 WHEN 0 THEN 'BTC/USDT:USDT' WHEN 1 THEN 'ETH/USDT:USDT'"
    " WHEN 2 THEN 'BTC/USDT' ELSE 'ETH/USDT' END"
)
_STRATEGY = "CASE n % 3 WHEN 0 THEN 'ma_cross' WHEN 1 THEN 'rsi_reversion' ELSE 'pairs' END"
_SIDE = "CASE n % 5 < 3 WHEN 1 THEN 'buy' ELSE 'sell' END"
_AT = "strftime('%Y-%m-%dT%H:%M:%S', 1735689600 + {0}, 'unixepoch') || '.000000+00:00'"
_CLOSED = _AT.format("n * 31536000 / 1000000")
_OPENED = _AT.format("n * 31536000 / 1000000 - 60 - (n * 7919) % 28800")
_PLANNED = "printf('%.2f', 4000 + (n * 31) % 1000)"
_ENTRY = "printf('%.4f', 4000 + (n * 31) % 1000 + (n * 17 % 21 - 9) / 10.0)"
_SIGNALS = f"""{_NUMBERS} INSERT INTO signals
(signal_id, fingerprint, symbol, received_at, status, signal, trade_id)
SELECT {_ID.format(1)}, printf('%064x', n), {_SYMBOL}, {_OPENED}, 'traded', '{{}}', {_ID.format(2)}
FROM numbers"""  # noqa: S608 - constants of this file
_TRADES = f"""{_NUMBERS} INSERT INTO trades
(trade_id, signal_id, symbol, side, strategy, quantity, entry_price, stop_price, target_price,
leverage, created_at, status, opened_at, protected_at, closed_at, close_reason)
SELECT {_ID.format(2)}, {_ID.format(1)}, {_SYMBOL}, {_SIDE}, {_STRATEGY}, '0.25', {_PLANNED},
'3900', '5200', '5', {_OPENED}, 'closed', {_OPENED}, {_OPENED}, {_CLOSED}, 'target'
FROM numbers"""  # noqa: S608 - likewise
_POSITIONS = f"""{_NUMBERS} INSERT INTO positions
(position_id, trade_id, symbol, side, opened_at, quantity, entry_price, entered_quantity,
realised_pnl, fees, dust, closed_at, funding)
SELECT {_ID.format(3)}, {_ID.format(2)}, {_SYMBOL}, {_SIDE}, {_OPENED}, '0', {_ENTRY}, '0.25',
printf('%.8f', (n * 7919 % 20011 - 9900) / 1000.0), printf('%.8f', 0.1 + (n % 97) / 1000.0), '0',
{_CLOSED}, CASE n % 10 WHEN 0 THEN printf('%.8f', (n % 13 - 6) / 100.0) ELSE '0' END
FROM numbers"""  # noqa: S608 - likewise


@dataclass(slots=True)
class Measured:
    """How long each report took, the most memory of its process, and of how many trades it was."""

    seconds: list[float]
    megabytes: float = 0.0
    trades: int = 0
    #: the longest time for which the event loop that asked was held up
    stall_seconds: float = 0.0


def report_million_trades(rounds: int) -> Measured:
    """Let a process of its own measure a store with a million trades, as the API does."""
    with tempfile.TemporaryDirectory(prefix="cerberus-bench-") as folder:
        url = f"sqlite:///{Path(folder, 'cerberus.db')}"
        migrate(url, Path(folder, "backup"), END)
        fill(Path(folder, "cerberus.db"), TRADES)
        asked = AnalyticsProcess(url, Path(folder, "report"), 1, 60)
        return asyncio.run(_measure(asked, rounds))


def fill(file: Path, trades: int) -> None:
    """Add closed trades with their signals and positions."""
    with closing(sqlite3.connect(file)) as store:
        store.execute("PRAGMA synchronous=OFF")
        with store:
            for statement in (_SIGNALS, _TRADES, _POSITIONS):
                store.execute(statement, (trades,))
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def _measure(asked: AnalyticsProcess, rounds: int) -> Measured:
    found = Measured([])
    watching = asyncio.create_task(_watch(found))
    for _ in range(rounds):
        began = time.perf_counter()
        report = await asked.measure(Span(START, END))
        found.seconds.append(time.perf_counter() - began)
        found.trades = report.total.trades
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    return found


async def _watch(found: Measured) -> None:
    """Look at the memory of this process's growth and of its child, and at the loop's delays."""
    own = psutil.Process()
    before = own.memory_info().rss
    while True:
        began = time.perf_counter()
        await asyncio.sleep(_LOOK_SECONDS)
        stall = time.perf_counter() - began - _LOOK_SECONDS
        found.stall_seconds = max(found.stall_seconds, stall)
        found.megabytes = max(found.megabytes, (_resident(own) - before) / 1e6)


def _resident(process: psutil.Process) -> int:
    total = 0
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.Error):  # it may have just ended
            total += one.memory_info().rss
    return total
