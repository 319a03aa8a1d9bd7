"""Commands that only look; each returns the text of its answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from cerberus.chat.asked import Asked, Reply
from cerberus.chat.messages import chart
from cerberus.client.api import CerberusClient
from cerberus.client.daily import MOST_TRADES, day
from cerberus.client.daily import describe as describe_day
from cerberus.client.errors import ApiProblem
from cerberus.client.holdings import MONITOR, Course, rows
from cerberus.client.holdings import table as holdings_table
from cerberus.client.tables import aligned
from cerberus.commands.status import describe as describe_status
from cerberus.commands.why import describe as describe_why
from cerberus.errors import CerberusError, Invalid

_OVER = ("done", "cancelled")
_MOST_METRICS = 60
#: what /profit draws unless it is told otherwise
_CHART_DAYS = 30


def status(api: CerberusClient, _: Asked) -> str:
    """Return health, open positions and the newest trades."""
    return describe_status(api.health(), api.positions(open_only=True), api.trades(limit=5))


def health(api: CerberusClient, _: Asked) -> str:
    """Return how each part is, the failing ones with their reason."""
    told = api.detailed_health()
    parts = _mapping(told.get("components"))
    lines = [
        (name, str(_mapping(part).get("status")), str(_mapping(part).get("problem") or ""))
        for name, part in parts.items()
    ]
    blocked = "".join(f"\nblocked by {why}" for why in told.get("blocked_by") or [])
    return f"{told['status']}{blocked}\n\n{aligned(('part', 'status', 'problem'), lines)}"


def evaluate(api: CerberusClient, asked: Asked) -> str:
    """Return what the strategies make of the market now; nothing is traded."""
    found = api.evaluate(list(asked.words) or None)
    signals = [
        f"SIGNAL {one['side']} {one['symbol']} by {one.get('strategy', '')}, "
        f"confidence {one.get('confidence', '')}"
        for one in found["signals"]
    ]
    considered = [
        f"{one['symbol']} {one['strategy']}: {one['reason']}" for one in found["considered"]
    ]
    return "\n".join([*(signals or ["no signal"]), "", *considered])


def why(api: CerberusClient, asked: Asked) -> str:
    """Return the story of an id, by default of the newest trade."""
    if asked.words:
        return describe_why(api.why(asked.words[0]))
    newest = api.trades(limit=1)
    return describe_why(api.why(newest[0]["trade_id"])) if newest else "there is no trade yet"


def profit(api: CerberusClient, asked: Asked) -> Reply:
    """Return the figures of the last day, and the charts of the last days as a picture.

    Without one the curve of the newest trades' results is drawn in letters.
    """
    days = _days(asked)
    closed = api.trades(status="closed", limit=MOST_TRADES)
    today = day(api.health(), api.risk_status(), api.holdings(), closed)
    text = describe_day(today)
    try:
        return Reply(f"{text}\n\ncharts of the last {days} days", api.charts(days))
    except CerberusError as error:
        missing = str(error)
    total, curve = 0.0, [0.0]
    for trade in reversed(closed):
        total += float(trade["net_pnl"])
        curve.append(total)
    heading = f"net result of the newest {len(closed)} closed trades, USD"
    return Reply(f"{text}\n\n{missing}\n{heading}\n{chart(curve)}")


def positions(api: CerberusClient, _: Asked) -> str:
    """Return what is held, at the prices of now."""
    held = api.holdings()
    return holdings_table(rows(Course(MONITOR, True, held, held))) if held else "nothing is held"


def exits(api: CerberusClient, _: Asked) -> str:
    """Return the stop and the target of every open position."""
    lines = [
        (held["symbol"], one["kind"], one["trigger_price"], one["quantity"], one["status"])
        for held in api.positions(open_only=True)
        for one in api.exits(held["trade_id"])
        if one["status"] not in _OVER
    ]
    headings = ("symbol", "kind", "price", "quantity", "status")
    return aligned(headings, lines) if lines else "nothing is held"


def metrics(api: CerberusClient, _: Asked) -> str:
    """Return the figures that have no labels."""
    told = [
        f"{name.removeprefix('cerberus_')} {value:g}"
        for name, value in sorted(api.metrics().items())
        if isinstance(value, int | float)
    ]
    return "\n".join(told[:_MOST_METRICS])


def test(api: CerberusClient, asked: Asked) -> str:
    """Ask the API, the venue and the outbox, and say how long each took."""
    alert = {
        "id": asked.key,
        "title": "a test, asked for by Telegram",
        "source": asked.actor,
        "level": "INFO",
    }
    steps: dict[str, Callable[[], object]] = {
        "API": api.health,
        "exchange": api.account,
        "strategies": api.evaluate,
        "alert": lambda: api.raise_alert(alert),
    }
    lines = []
    for name, act in steps.items():
        began = time.monotonic()
        try:
            act()
            outcome = "passed"
        except (ApiProblem, CerberusError) as error:
            outcome = f"FAILED: {error}"
        lines.append((name, f"{time.monotonic() - began:.2f} s", outcome))
    return aligned(("step", "time", "outcome"), lines)


def _days(asked: Asked) -> int:
    told = asked.words[0] if asked.words else str(_CHART_DAYS)
    # beyond, the API says which limit there is
    if not (told.isascii() and told.isdigit() and len(told) < 6):
        raise Invalid("days", f"a number of days is expected, as in /profit 7, was {told[:20]}")
    return int(told)


def _mapping(told: object) -> Mapping[str, object]:
    return told if isinstance(told, Mapping) else {}
