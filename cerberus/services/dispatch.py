"""Execute signals one at a time for the account, the most confident first."""

import asyncio
import itertools
import logging
from dataclasses import dataclass, field
from decimal import Decimal

from cerberus.domain.trades import Trade
from cerberus.errors import CerberusError
from cerberus.services.desk import Desk
from cerberus.services.execute import Outcome, execute
from cerberus.services.judge import Wish
from cerberus.services.protect import protect

log = logging.getLogger(__name__)


@dataclass(order=True, slots=True)
class _Job:
    priority: Decimal
    number: int
    signal_id: str = field(compare=False)
    wish: Wish = field(compare=False)
    answer: "asyncio.Future[Outcome]" = field(compare=False)


class Dispatcher:
    """The queue of the account.

    A caller has its answer as soon as the fill is committed; the exits are placed right after,
    before the next signal is looked at.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._jobs: asyncio.PriorityQueue[_Job] = asyncio.PriorityQueue()
        self._numbers = itertools.count()

    async def execute(self, signal_id: str, confidence: Decimal, wish: Wish) -> Outcome:
        """Queue a signal and return what became of it."""
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        await self._jobs.put(_Job(-confidence, next(self._numbers), signal_id, wish, answer))
        # the work goes on when the caller hangs up: an order must not be left half-way
        return await asyncio.shield(answer)

    async def run(self) -> None:
        """Work the queue until cancelled between two jobs."""
        while True:
            await self.step()

    async def step(self) -> None:
        """Take one job from the queue and finish it."""
        job = await self._jobs.get()
        try:
            await self._finish(job)
        finally:
            # only now: a stop waits for the exits too
            self._jobs.task_done()

    async def drained(self) -> None:
        """Wait until every queued job is finished, its exits included."""
        await self._jobs.join()

    async def _finish(self, job: _Job) -> None:
        try:
            outcome = await execute(self._desk, job.signal_id, job.wish)
        except Exception as error:
            # an edge: the caller gets it, and the queue must go on
            if not job.answer.done():
                job.answer.set_exception(error)
            return
        if not job.answer.done():
            job.answer.set_result(outcome)
        if outcome.trade is not None:
            await self._protect(outcome.trade)

    async def _protect(self, trade: Trade) -> None:
        try:
            async with self._desk.locks[trade.symbol]:
                await protect(self._desk, trade.trade_id)
            await self._desk.account()  # so that the next signal need not wait for it
        except CerberusError:
            log.exception("protect_failed trade_id=%s", trade.trade_id)
