"""A thousand alerts in a burst, to a real API whose only phone is a server that counts."""

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.api_process import ApiProcess, trading_pair
from tests.integration.alerts import vendor_rules, vendors

ALERTS = 1000
#: so many messages of a level are allowed in any period of this length
MESSAGES, PERIOD_SECONDS = 5, 20

_LEVELS = ("INFO", "WARNING", "CRITICAL", "EMERGENCY")
_CALLERS = 8
#: a message is allowed by the moment of its sending; here the moment of its arrival is known
_ON_THE_WAY_SECONDS = 1.0
_PATIENCE_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Burst:
    """What the phone got, and what the outbox says of each alert."""

    most_in_a_period: int
    messages: int
    #: alerts that no message tells of, which the phone has taken
    lost: int
    #: alerts that more than one message tells of
    twice: int
    raised_seconds: float
    told_seconds: float


def burst_of_alerts() -> Burst:
    """Raise them all at once, wait until the outbox is empty, and count."""
    arrived: list[float] = []
    with (
        tempfile.TemporaryDirectory(prefix="cerberus-bench-") as folder,
        vendors.vendor("telegram") as phone,
    ):
        phone.before = lambda: arrived.append(time.monotonic())
        with _api(Path(folder), phone.url) as api, ThreadPoolExecutor(_CALLERS) as pool:
            began = time.monotonic()
            ids = list(pool.map(lambda number: _raise(api, number), range(ALERTS)))
            raised = time.monotonic() - began
            _wait_until_told(api)
            told = time.monotonic() - began
            carriers = list(pool.map(lambda id_: _carriers(api, id_), ids))
        texts = [str(one["text"]) for one in phone.taken]
    times = list(zip(map(_level_of, texts), arrived, strict=True))
    messages = {message for found in carriers for message in found}
    if len(messages) != len(texts):
        raise AssertionError(f"the outbox sent {len(messages)} messages, {len(texts)} arrived")
    return Burst(
        most_in_a_period=max(_in_a_period(times, level, at) for level, at in times),
        messages=len(texts),
        lost=sum(not found for found in carriers),
        twice=sum(len(found) > 1 for found in carriers),
        raised_seconds=raised,
        told_seconds=told,
    )


@contextmanager
def _api(folder: Path, url: str) -> Iterator[ApiProcess]:
    levels = "".join(f"  {level}: {{channels: [telegram]}}\n" for level in _LEVELS)
    limits = "".join(f"  {level}: {MESSAGES}/{PERIOD_SECONDS}s\n" for level in _LEVELS)
    how = f'type: telegram, url: "{url}", token_secret: bot_token, chat_secret: bot_chat'
    rules = folder / "alerts.yaml"
    rules.write_text(f"channels:\n  telegram: {{{how}}}\nlevels:\n{levels}limits:\n{limits}")
    variables = {
        "CERBERUS_ALERTS_FILE": str(rules),
        "BOT_TOKEN": vendor_rules.BOT_TOKEN,
        "BOT_CHAT": vendor_rules.CHAT,
    }
    with trading_pair(folder / "var", **variables) as (_, api):
        yield api


def _raise(api: ApiProcess, number: int) -> str:
    level = _LEVELS[number % len(_LEVELS)]
    status, alert = api.post("/api/alerts", {"title": f"alert {number}", "level": level})
    assert status == 201, alert
    return str(alert["alert_id"])


def _wait_until_told(api: ApiProcess) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        tally: dict[str, Any] = api.get("/metrics")[1]["cerberus_alert_deliveries_total"]
        if tally.get("telegram,sent", 0) >= ALERTS:
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"after {_PATIENCE_SECONDS:g} s the outbox has {tally}")
        time.sleep(0.2)


def _carriers(api: ApiProcess, alert_id: str) -> set[str]:
    """Return the messages that have told people of an alert."""
    told = api.get(f"/api/alerts/{alert_id}")[1]["deliveries"]
    return {one["message_id"] for one in told if one["status"] == "sent"}


def _level_of(text: str) -> str:
    return text.partition("<b>")[2].partition(":")[0]


def _in_a_period(times: list[tuple[str, float]], level: str, first: float) -> int:
    end = first + PERIOD_SECONDS - _ON_THE_WAY_SECONDS
    return sum(one == level and first <= at < end for one, at in times)
