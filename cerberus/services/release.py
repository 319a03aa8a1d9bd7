"""Release the emergency stop, in two steps."""

import secrets
from datetime import datetime, timedelta

from cerberus.errors import Conflict
from cerberus.ports import Transaction
from cerberus.services.desk import Desk
from cerberus.services.emergency import entries_alive
from cerberus.services.snapshot import EMERGENCY_STOP

RELEASE = "release"
CONFIRMATION_LIFETIME = timedelta(minutes=2)


async def ask_release(desk: Desk, actor: str) -> tuple[str, datetime]:
    """Return a confirmation that releases the stop when it is sent back in time."""
    now = desk.wall_clock.now()
    code, expires = secrets.token_hex(4), now + CONFIRMATION_LIFETIME

    def ask(transaction: Transaction) -> None:
        if not transaction.facts.get(EMERGENCY_STOP):
            raise Conflict("no emergency stop is in force")
        transaction.facts.put(RELEASE, {"code": code, "expires_at": expires.isoformat()}, now)
        transaction.facts.note(now, actor, "release_asked", "", "")

    await desk.store.write(ask)
    return code, expires


async def release(desk: Desk, confirmation: str, actor: str) -> None:
    """Release the stop.

    Raises
    ------
    Conflict
        The confirmation is wrong or too old, or something is still held.
    """
    now = desk.wall_clock.now()

    def lift(transaction: Transaction) -> None:
        asked = transaction.facts.get(RELEASE)
        fits = asked and secrets.compare_digest(asked["code"].encode(), confirmation.encode())
        if not fits or datetime.fromisoformat(asked["expires_at"]) < now:
            raise Conflict("the confirmation is wrong or has expired, ask for a new one")
        if transaction.positions.open():
            raise Conflict("positions are still open, the stop is not finished")
        if entries_alive(transaction):
            raise Conflict("an entry order is still alive, the stop is not finished")
        transaction.facts.put(EMERGENCY_STOP, {}, now)
        transaction.facts.put(RELEASE, {}, now)
        transaction.facts.note(now, actor, "released", "", "")

    await desk.store.write(lift)
