"""Whether this process is the account's one writer, and what follows when that changes."""

import logging
from collections.abc import Awaitable, Callable

from cerberus.services.desk import Desk

log = logging.getLogger(__name__)

#: one account's books are one store: who writes one writes all of it
TRADING = "trading"

Step = Callable[[], Awaitable[object]]


async def keep_lease(desk: Desk) -> None:
    """Renew the lease, or take it where it is free; forget what a lost one has allowed.

    Raises
    ------
    NotTheWriter
        Another process has it.
    StoreFailed
        It could not be renewed; it runs out by itself.
    """
    if desk.lease is None:
        return
    before = desk.lease.token
    try:
        await desk.lease.beat()
    finally:
        if before and desk.lease.token != before:
            log.critical("lease_lost token=%s problem=%s", before, desk.lease.problem())
            desk.forget()


def as_writer(desk: Desk, step: Step) -> Step:
    """Return a step that is left to the writer while another process is that."""

    async def taken() -> None:
        if not desk.is_standby:
            await step()

    return taken
