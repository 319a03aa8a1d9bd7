"""`cerberus write-off`: take a position that cannot be explained out of the books."""

import uuid

from cerberus.client.answers import Position
from cerberus.commands.connections import api_client


def write_off(position_id: str, reason: str, result_usd: str | None) -> str:
    """Write a position off through the API and return what became of it."""
    with api_client(admin=True) as api:
        key = f"cli-{uuid.uuid4()}"
        return describe(api.write_off(position_id, reason, result_usd, idempotency_key=key))


def describe(position: Position) -> str:
    """Return the text for a position that was written off."""
    return (
        f"written off: {position['symbol']}, {position['dust']} held by the books alone, "
        f"net {position['net_pnl']}\n"
        "its symbol stays in quarantine until it is lifted: POST /api/reconciliation/release"
    )
