"""The figures of the process itself: its lease, its parts, what it uses, how it stopped last."""

from collections.abc import Iterator
from datetime import datetime

from cerberus.domain.readings import Reading
from cerberus.ports import Transaction
from cerberus.services.desk import Desk

#: how the last orderly stop went
SHUTDOWN = "shutdown"


def note_shutdown(transaction: Transaction, at: datetime, seconds: float, *, drained: bool) -> None:
    """Keep how long a stop took, for whoever asks the next process."""
    told = {"seconds": f"{seconds:.3f}", "drained": str(drained).lower()}
    transaction.facts.put(SHUTDOWN, told | {"at": at.isoformat()}, at)


def process_readings(desk: Desk, transaction: Transaction) -> Iterator[Reading]:
    """Yield the figures."""
    told = transaction.facts.get(SHUTDOWN)
    if told:
        text = "time that the last orderly stop took"
        yield "shutdown_seconds", text, float(told["seconds"]), {}
    if desk.lease is not None:
        ends_at = desk.lease.ends_at()
        left = (ends_at - desk.wall_clock.now()).total_seconds() if ends_at is not None else 0.0
        seen = desk.lease.seen
        yield "lease_left_seconds", "for how long this process may write", max(0.0, left), {}
        owners = 0 if seen is None else seen.token
        yield "lease_owners_total", "how often the lease was taken", owners, {}
    yield from _parts(desk)


def _parts(desk: Desk) -> Iterator[Reading]:
    if desk.monitor is None:
        return
    usage = desk.monitor.usage
    yield "process_resident_bytes", "memory of the process", usage.resident_bytes, {}
    yield "process_cpu_ratio", "share of one processor", usage.cpu_percent / 100, {}
    yield "memory_used_ratio", "of the machine or the container", usage.memory_used_ratio, {}
    for one in desk.monitor.components():
        labels = {"component": one.name}
        yield "component_silent_seconds", "since its last sign of life", one.silent_seconds, labels
        yield "component_failures_total", "steps that failed", one.failures, labels
        yield "component_restarts_total", "how often it was begun anew", one.restarts, labels
