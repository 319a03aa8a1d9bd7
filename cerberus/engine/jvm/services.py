"""Kestra's six services: started together, stopped in order."""

import logging
import threading
from collections.abc import Callable
from time import monotonic, sleep

from cerberus.engine.kestra.java import Java, java
from cerberus.errors import CerberusError

START_LIMIT_SECONDS = 60.0

_UP = frozenset({"RUNNING", "MAINTENANCE"})
_STARTING = frozenset({"None", "CREATED"})
_log = logging.getLogger(__name__)


class StartFailed(CerberusError):
    """A service of the engine did not come up."""


class Services:
    """The services of one application context, all running or all to be closed."""

    def __init__(self, context: Java) -> None:
        def bean(name: str) -> Java:
            return context.getBean(java(name))

        self._executor = bean("io.kestra.core.runners.Executor")
        self._controller = bean("io.kestra.core.worker.Controller")
        self._worker = bean("io.kestra.core.runners.Worker")
        self._scheduler = bean("io.kestra.core.runners.Scheduler")
        self._indexer = bean("io.kestra.core.runners.Indexer")
        self._system_worker = bean("io.kestra.worker.systemworker.SystemWorker")

    @property
    def in_stop_order(self) -> tuple[tuple[Java, ...], ...]:
        """Nothing new first, then running tasks end, then their results are written."""
        return (
            (self._scheduler,),
            (self._worker, self._system_worker),
            (self._controller,),
            (self._executor,),
            (self._indexer,),
        )

    def start(self, worker_threads: int) -> None:
        """Start all and wait until each is running.

        Raises
        ------
        StartFailed
            One ended, or took longer than the limit.
        """
        calls: tuple[Callable[[], object], ...] = (
            self._executor.run,
            self._controller.start,
            lambda: self._worker.start(worker_threads),
            self._scheduler.run,
            self._indexer.run,
            self._system_worker.start,
        )
        for call in calls:
            threading.Thread(target=call, daemon=True).start()
        self._wait_until_running(monotonic() + START_LIMIT_SECONDS)

    def states(self) -> dict[str, str]:
        """Return each service's type and state."""
        return {str(each.getType()): str(each.getState()) for each in self._all()}

    def are_up(self) -> bool:
        """Tell whether all services do their work."""
        return _UP.issuperset(self.states().values())

    def ids(self) -> frozenset[str]:
        """Return the ids under which the services of this process are known."""
        return frozenset(str(each.getId()) for each in self._all())

    def stop(self) -> None:
        """Close all; the workers wait for their tasks up to the grace period."""
        for together in self.in_stop_order:
            closing = [threading.Thread(target=_close, args=(each,)) for each in together]
            for thread in closing:
                thread.start()
            for thread in closing:
                thread.join()

    def _all(self) -> list[Java]:
        return [each for together in self.in_stop_order for each in together]

    def _wait_until_running(self, limit: float) -> None:
        while not self.are_up():
            states = self.states()
            if _UP.union(_STARTING).issuperset(states.values()) and monotonic() < limit:
                sleep(0.02)
                continue
            raise StartFailed(f"the engine did not start within {START_LIMIT_SECONDS} s: {states}")


def _close(service: Java) -> None:
    began = monotonic()
    service.close()
    _log.info("stopped service=%s seconds=%.2f", service.getType(), monotonic() - began)
