"""`cerberus alerts`: what people were told, and what a person does about it."""

import json
import uuid
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cerberus.commands.process_edge import reporting

if TYPE_CHECKING:
    from cerberus.client.alert_answers import AlertPage, AlertShown, AlertStory
    from cerberus.client.api import CerberusClient

alert_commands = typer.Typer(help="See alerts, acknowledge and resolve them.", no_args_is_help=True)

_HEADS = ("alert", "since", "level", "status", "times", "name", "title")
_TOLD_HEADS = ("channel", "why", "status", "tries", "at", "error")


class Status(StrEnum):
    """Where an alert is in its life."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    REPEATED = "repeated"


class Level(StrEnum):
    """How urgent it is."""

    INFO = "INFO"
    WARNING = "WARNING"
    CRITICAL = "CRITICAL"
    EMERGENCY = "EMERGENCY"


AlertId = Annotated[str, typer.Argument(metavar="ID", help="The alert, as messages name it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print what the API answers.")]


@alert_commands.command("list")
def list_alerts(
    status: Annotated[Status | None, typer.Option(help="Only those that are so.")] = None,
    level: Annotated[Level | None, typer.Option(help="Only those of a level.")] = None,
    name: Annotated[str | None, typer.Option(help="Only those of a name.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List alerts, newest first."""
    with reporting(), _api() as api:
        page = api.alerts(status=status, level=level, name=name, limit=limit)
        typer.echo(_json(page) if as_json else describe_page(page))


@alert_commands.command()
def show(alert: AlertId, as_json: AsJson = False) -> None:
    """Show an alert, and what became of telling it on each channel."""
    with reporting(), _api() as api:
        story = api.alert(alert)
        typer.echo(_json(story) if as_json else describe_story(story))


@alert_commands.command()
def acknowledge(alert: AlertId, as_json: AsJson = False) -> None:
    """Say that you have seen it: nobody else is called."""
    with reporting(), _api() as api:
        seen = api.acknowledge_alert(alert)
        typer.echo(_json(seen) if as_json else describe(seen))


@alert_commands.command()
def resolve(
    alert: AlertId,
    reason: Annotated[str, typer.Option(help="Why; it is kept.")] = "asked by a person",
    as_json: AsJson = False,
) -> None:
    """Say that it is over: whoever was told of it is told that too."""
    with reporting(), _api() as api:
        over = api.resolve_alert(alert, reason)
        typer.echo(_json(over) if as_json else describe(over))


@alert_commands.command("test")
def send_test(
    level: Annotated[Level, typer.Option(help="As which level it is told.")] = Level.INFO,
    as_json: AsJson = False,
) -> None:
    """Send a test alert by the rules of its level; `cerberus alerts show ID` tells who got it."""
    mark = uuid.uuid4().hex[:8]
    told = {
        "id": f"cli-test-{mark}",
        "name": "test",
        "level": str(level),
        "title": f"test alert {mark}",
        "message": "sent by `cerberus alerts test`, to be passed over",
        "source": "cerberus alerts test",
    }
    with reporting(), _api() as api:
        raised = api.raise_alert(told)
        typer.echo(_json(raised) if as_json else describe(raised))


def _api() -> "CerberusClient":
    from cerberus.commands.connections import api_client  # slow: only when it is needed

    return api_client()


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    from cerberus.client.tables import aligned

    return aligned(heads, rows)


def describe_page(page: "AlertPage") -> str:
    """Return the table of alerts."""
    rows = [
        (
            one["alert_id"],
            _second(one["created_at"]),
            one["level"],
            one["status"],
            str(one["count"]),
            one["name"],
            one["title"],
        )
        for one in page["alerts"]
    ]
    shown, total = len(rows), page["total"]
    return "\n".join([_table(_HEADS, rows), f"{shown} of {total}"]) if rows else "no alerts"


def describe(alert: "AlertShown") -> str:
    """Return an alert in one line."""
    return f"{alert['alert_id']} {alert['level']} {alert['status']}: {alert['title']}"


def describe_story(story: "AlertStory") -> str:
    """Return the text for an alert with its deliveries."""
    lines = [describe(story), f"  {story['name']}, told by {story['source']}"]
    lines += [f"  {line}" for line in story["message"].splitlines()]
    lines.append(
        f"  {story['count']} times, first {_second(story['created_at'])}, "
        f"last {_second(story['last_at'])}"
    )
    if story["acknowledged_at"] is not None:
        at = _second(story["acknowledged_at"])
        lines.append(f"  acknowledged by {story['acknowledged_by']} at {at}")
    if story["resolved_at"] is not None:
        lines.append(f"  resolved at {_second(story['resolved_at'])}")
    told = [
        (
            one["channel"],
            one["kind"],
            one["status"],
            str(one["attempts"]),
            _second(one["attempted_at"] or one["created_at"]),
            one["error"],
        )
        for one in story["deliveries"]
    ]
    return "\n".join([*lines, _table(_TOLD_HEADS, told) if told else "nobody was told yet"])


def _second(text: str) -> str:
    return f"{text[:19]}Z"  # the API's times are UTC


def _json(answer: Mapping[str, object]) -> str:
    return json.dumps(answer, indent=2)
