"""`cerberus status`."""

import json
from datetime import datetime
from decimal import Context
from pathlib import Path

from cerberus.client.answers import Health, Position, Trade
from cerberus.commands.connections import api_client
from cerberus.errors import Transient
from cerberus.settings import Paths, load

_NEWEST = 5
#: an average price has more digits than anybody reads
_EIGHT_DIGITS = Context(prec=8)


def show_status() -> str:
    """Return health, open positions and the newest trades.

    Raises
    ------
    Transient
        The API does not answer; the message says what its supervisor knows.
    """
    try:
        with api_client() as api:
            health, held = api.health(), api.positions(open_only=True)
            return describe(health, held, api.trades(limit=_NEWEST))
    except Transient as error:
        file = load(Paths).under_var("data", "supervisor.json")
        raise Transient(f"{error}\n{describe_processes(file)}") from error


def describe_processes(file: Path) -> str:
    """Return the text for what the supervisor last told of its processes."""
    try:
        told = json.loads(file.read_text())
        lines = [
            f"  {name} is {one['state']} since {_second(one['since'])}"
            + (f" ({one['last_reason']})" if one["last_reason"] else "")
            for name, one in told["processes"].items()
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "  no supervisor runs: scripts/up starts everything"
    return "\n".join([f"  the supervisor, at {_second(told['updated_at'])}:", *lines])


def describe(health: Health, held: list[Position], trades: list[Trade]) -> str:
    """Return the text for what the API told."""
    entries = "allowed" if health["entries_allowed"] else "blocked"
    lines = [
        f"{health['status']}, {health['mode']} mode, version {health['version']}, "
        f"up {health['uptime_seconds']:.0f} s",
        f"entries {entries}" + "".join(f"\n  blocked by {why}" for why in health["blocked_by"]),
        f"open positions: {len(held)}",
        *(
            f"  {one['symbol']} {one['side']} {one['quantity']} from {_price(one['entry_price'])}"
            for one in held
        ),
        f"newest trades: {len(trades)}",
        *(
            f"  {_second(one['created_at'])} {one['symbol']} {one['side']} {one['quantity']} "
            f"{one['status']} {one['trade_id']}"
            for one in trades
        ),
    ]
    return "\n".join(lines)


def _price(text: str) -> str:
    return f"{_EIGHT_DIGITS.create_decimal(text).normalize():f}"


def _second(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%Y-%m-%dT%H:%M:%SZ")
