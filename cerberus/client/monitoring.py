"""What is wrong in what the parts of the system answer; decides nothing about trading."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from cerberus.client.tables import aligned

WARNING, CRITICAL = "WARNING", "CRITICAL"
#: a trigger that is due waits this long for the scheduler before it counts as late
LATE_SECONDS = 60.0


class Problem(NamedTuple):
    """Something that is wrong; where `told` is set, the API alerts of it by itself."""

    part: str
    level: str
    title: str
    message: str
    told: bool = False


class Answer(NamedTuple):
    """What a part answered; the code is 0 where it did not."""

    code: int
    body: Mapping[str, object]


class Seen(NamedTuple):
    """Everything that was looked at in one round, and the limits that apply."""

    api: Answer
    account: Answer
    risk: Answer
    simulator: Answer
    triggers: Answer
    free_bytes: int
    free_bytes_limit: int
    near_share: Decimal
    now: datetime


def read_answer(told: Mapping[str, object]) -> Answer:
    """Return the answer that an HTTP task noted as `code` and `body`."""
    try:
        body = json.loads(str(told.get("body") or "{}"))
    except ValueError:
        body = {}
    return Answer(int(str(told.get("code") or 0)), body if isinstance(body, dict) else {})


def problems(seen: Seen) -> list[Problem]:
    """Return what is wrong, in the order in which one would look for it."""
    return [
        *_api(seen.api),
        *_venue(seen),
        *_limits_near(seen),
        *_schedules(seen),
        *_disk(seen),
    ]


def table(found: list[Problem]) -> str:
    """Return the problems as lines of text with aligned columns."""
    rows = [(one.part, one.level, one.title, one.message) for one in found]
    return aligned(("part", "level", "problem", "details"), rows)


def report(seen: Seen) -> dict[str, object]:
    """Return what Kestra takes over: outputs, metrics and the log's line."""
    found = problems(seen)
    gauges = {"problems_count": len(found), "disk_free_bytes": seen.free_bytes}
    return {
        "outputs": {
            "status": "problems" if found else "healthy",
            "problems": [one._asdict() for one in found],
            "alerts": [one._asdict() for one in found if not one.told],
        },
        "metrics": [{"name": n, "type": "gauge", "value": v} for n, v in gauges.items()],
        "logs": [
            {
                "level": "WARN" if found else "INFO",
                "message": f"\n{table(found)}" if found else "healthy",
            }
        ],
    }


def late_triggers(triggers: Mapping[str, object], now: datetime) -> list[tuple[str, float]]:
    """Return the triggers that should have fired, with the seconds since; the latest first."""
    found = []
    for one in _objects(triggers.get("results")):
        state = one.get("state")
        due = state.get("nextEvaluationDate") if isinstance(state, dict) else None
        if not isinstance(state, dict) or not due or state.get("disabled") or state.get("locked"):
            continue  # a locked one waits for its last execution
        late = (now - datetime.fromisoformat(str(due))).total_seconds()
        if late > LATE_SECONDS:
            found.append((f"{state.get('flowId')}.{state.get('triggerId')}", late))
    return sorted(found, key=lambda one: -one[1])


def _api(answer: Answer) -> Iterator[Problem]:
    if answer.code != 200:
        yield Problem("api", CRITICAL, "the API does not answer", _how(answer))
        return
    blocked = [str(one) for one in _list(answer.body.get("blocked_by"))]
    if any(one.startswith("store:") for one in blocked):
        yield Problem("database", CRITICAL, "the database does not answer", "; ".join(blocked))
    elif answer.body.get("status") == "unhealthy":
        yield Problem("api", CRITICAL, "the API is not ready", "; ".join(blocked))
    parts = answer.body.get("components")
    for name, part in parts.items() if isinstance(parts, dict) else ():
        if isinstance(part, dict) and part.get("problem"):
            yield Problem(f"api {name}", WARNING, "a step fails", str(part["problem"]), told=True)


def _venue(seen: Seen) -> Iterator[Problem]:
    if seen.api.code != 200:
        return  # asked through the API
    is_paper = seen.api.body.get("mode") == "paper"
    has_simulator = not is_paper or seen.simulator.code == 200
    if not has_simulator:
        yield Problem("simulator", CRITICAL, "the simulator does not answer", _how(seen.simulator))
    if seen.account.code != 200:
        yield Problem(
            "exchange",
            CRITICAL,
            "the exchange does not answer",
            _how(seen.account),
            told=not has_simulator,
        )


def _limits_near(seen: Seen) -> Iterator[Problem]:
    limits = seen.risk.body.get("limits")
    if not isinstance(limits, dict):
        return
    for name, used, limit in (
        ("daily loss", -_decimal(seen.risk.body.get("daily_pnl")), "daily_loss_usd"),
        ("losses in a row", _decimal(seen.risk.body.get("losses_in_a_row")), "losses_in_a_row"),
    ):
        most = _decimal(limits.get(limit))
        if most > 0 and used >= seen.near_share * most:
            message = f"{used:f} of at most {most:f}"
            yield Problem("risk", WARNING, f"{name} comes near its limit", message)


def _schedules(seen: Seen) -> Iterator[Problem]:
    if seen.triggers.code != 200:
        message = _how(seen.triggers)
        yield Problem("engine", WARNING, "the engine's schedules cannot be read", message)
        return
    late = late_triggers(seen.triggers.body, seen.now)
    if late:
        message = ", ".join(f"{name} for {seconds:.0f} s" for name, seconds in late)
        yield Problem("schedules", WARNING, "schedules should have fired", message)


def _disk(seen: Seen) -> Iterator[Problem]:
    if seen.free_bytes < seen.free_bytes_limit:
        free, limit = (
            f"{size / 2**30:.2f} GiB" for size in (seen.free_bytes, seen.free_bytes_limit)
        )
        yield Problem("disk", CRITICAL, "the disk is nearly full", f"{free} free, limit {limit}")


def _how(answer: Answer) -> str:
    if answer.code == 0:
        return "no connection, or no answer in time"
    return f"status {answer.code} {answer.body.get('detail') or ''}".strip()


def _decimal(value: object) -> Decimal:
    return Decimal(str(value or 0))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _objects(value: object) -> list[dict[str, object]]:
    return [one for one in _list(value) if isinstance(one, dict)]
