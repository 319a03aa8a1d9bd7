"""Wait for a lease that somebody else has, and tell how it goes."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from cerberus.coordination.lease import LIFETIME, LeaseKeeper
from cerberus.errors import NotTheWriter, StoreFailed

#: an owner that renews so often while it is waited for is alive
_SIGNS_OF_LIFE = 2
_PAUSE_SECONDS = 1.0
#: how long the store may take over one heartbeat
_PATIENCE_SECONDS = 3.0


class Hold(StrEnum):
    """How the wait ended."""

    OURS = "ours"
    #: the owner goes on renewing it
    OWNER_LIVES = "owner lives"
    #: no store, no lease: nobody can renew one either, and what there was has run out
    NO_STORE = "no store"


async def take_over(keeper: LeaseKeeper, tell: Callable[[str], None]) -> Hold:
    """Beat until the lease is ours, its owner has shown to live, or no store can give it."""
    began = time.monotonic()
    renewals: set[datetime] = set()
    while True:
        try:
            await asyncio.wait_for(keeper.beat(), _PATIENCE_SECONDS)
        except NotTheWriter as error:
            if keeper.seen is not None:
                renewals.add(keeper.seen.renewed_at)
            if len(renewals) > _SIGNS_OF_LIFE:
                return Hold.OWNER_LIVES
            tell(f"waiting: {error}")
        except (StoreFailed, TimeoutError) as error:
            left = LIFETIME.total_seconds() - (time.monotonic() - began)
            if left <= 0:
                return Hold.NO_STORE
            told = str(error) or f"it took over {_PATIENCE_SECONDS:g} s"
            tell(f"waiting, {left:.0f} s at most, since the store cannot give the lease: {told}")
        else:
            return Hold.OURS
        await asyncio.sleep(_PAUSE_SECONDS)
