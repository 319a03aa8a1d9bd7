"""Signals that are told again, and signals that are new."""

import asyncio
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import cast

from cerberus.adapters.clock import WallClock
from cerberus.adapters.store.database import SqlStore
from cerberus.adapters.store.migrate import migrate
from cerberus.domain.risk import RiskLimits
from cerberus.domain.signals import Side, Signal, fingerprint
from cerberus.ports import Exchange, Transaction
from cerberus.resilience.deduplicator import Deduplicator, First
from cerberus.services.desk import Desk, TradingRules
from cerberus.services.intake import take_in, told_before

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SIGNAL = Signal("BTC/USDT:USDT", Side.BUY, "bench", Decimal("0.7"), NOW, signal_id="one")


def duplicate_seconds(calls: int) -> tuple[float, float]:
    """Return the seconds of so many look-ups, without and with making the fingerprint."""
    known = Deduplicator(timedelta(seconds=300))
    for number in range(known.capacity):
        known.remember((f"{number:064x}",), First(str(number), NOW, is_unique=True))
    key = (fingerprint(SIGNAL),)
    known.remember(key, First("one", NOW, is_unique=True))
    find = known.find
    began = time.perf_counter()
    for _ in range(calls):
        find(key, NOW)
    between = time.perf_counter()
    for _ in range(calls):
        find((fingerprint(SIGNAL),), NOW)
    ended = time.perf_counter()
    assert known.tally.from_cache == 2 * calls
    return between - began, ended - between


def new_signals_a_second(count: int) -> tuple[float, float]:
    """Return new signals a second on SQLite on disk, and small commits a second beside them."""
    with tempfile.TemporaryDirectory(prefix="cerberus-bench-") as folder:
        url = f"sqlite:///{folder}/state.db"
        migrate(url, Path(folder, "backup"), NOW)
        store, wall = SqlStore(url), WallClock()
        venue = cast("Exchange", None)  # taking a signal in asks nothing of it
        desk = Desk(venue, store, wall, wall, RiskLimits(), TradingRules())
        try:
            return asyncio.run(_rates(desk, count))
        finally:
            store.close()


async def _rates(desk: Desk, count: int) -> tuple[float, float]:
    began = time.perf_counter()
    for number in range(count):
        signal = replace(SIGNAL, signal_id=f"new-{number}")
        assert await told_before(desk, signal) is None
        await take_in(desk, signal)
    between = time.perf_counter()
    for number in range(count):
        await desk.store.write(partial(_put, number=number))
    return count / (between - began), count / (time.perf_counter() - between)


def _put(transaction: Transaction, number: int) -> None:
    transaction.facts.put("bench", {"n": str(number)}, NOW)
