"""How long a position stands without its exits, in one running pair of simulator and API."""

import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.api_process import trading_pair
from tests.integration.trading.steps import ROOMY, Pair

SIGNAL = {"quantity": "0.02", "stop_loss_percent": "2", "take_profit_percent": "4"}
#: no entry is on its way for longer
ENTRY_SECONDS = 0.06


def seconds_unprotected(trades: int) -> list[float]:
    """Return for each of some trades how long it was unprotected."""
    with _pair() as pair:
        found = []
        for _ in range(trades):
            trade = pair.enter(**SIGNAL)
            found.append(float(trade["seconds_unprotected"]))
            pair.close(trade["trade_id"])
            pair.begin()
        return found


def seconds_unprotected_after_kills(kills: int) -> list[tuple[float, float]]:
    """Kill the API at random moments of an entry; return seconds unprotected and of the restart."""
    chance = random.Random(11)  # noqa: S311 - no secret
    with _pair() as pair:
        found: list[tuple[float, float]] = []
        while len(found) < kills:
            signal = pair.signal(**SIGNAL)
            sending = threading.Thread(target=_send, args=(pair, signal))
            sending.start()
            time.sleep(chance.uniform(0, ENTRY_SECONDS))
            pair.api.kill()
            sending.join()
            began = time.monotonic()
            pair.api.start()
            restart = time.monotonic() - began
            # the same signal again: it resumes what the kill has left, and is never a second trade
            told = pair.api.post("/api/trades", {"signal": signal})[1]
            trade = pair.until_trade(told["trade_id"], lambda one: one["protected"], 30)
            found.append((float(trade["seconds_unprotected"]), restart))
            pair.close(trade["trade_id"])
            pair.begin()
        return found


def _send(pair: Pair, signal: dict[str, object]) -> None:
    try:
        pair.api.post("/api/trades", {"signal": signal})
    except OSError:
        return  # the kill came first, or in between


@contextmanager
def _pair() -> Iterator[Pair]:
    with (
        tempfile.TemporaryDirectory(prefix="cerberus-bench-") as folder,
        trading_pair(Path(folder, "var"), **ROOMY) as (simulator, api),
    ):
        pair = Pair(simulator, api)
        pair.begin()
        yield pair
