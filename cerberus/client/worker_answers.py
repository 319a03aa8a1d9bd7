"""Answers of the API about the processes that work on the store, and its own parts."""

from typing import TypedDict


class WorkerTold(TypedDict):
    """A process that is registered for a kind of work."""

    worker_id: str
    kind: str
    is_active: bool
    registered_at: str
    beat_at: str
    silent_seconds: float
    tasks_done: int
    tasks_failed: int


class LeaseTold(TypedDict):
    """Who alone may do something, until when."""

    name: str
    token: int
    owner: str
    taken_at: str
    renewed_at: str
    expires_at: str


class Workers(TypedDict):
    """Who works on the store."""

    workers: list[WorkerTold]
    leases: list[LeaseTold]
    tasks: dict[str, dict[str, int]]


class Used(TypedDict):
    """What the API's process uses."""

    cpu_percent: float
    resident_bytes: int
    memory_used_ratio: float
    threads: int


class Part(TypedDict):
    """One loop of the API."""

    name: str
    steps: int
    failures: int
    errors_a_minute: int
    silent_seconds: float
    restarts: int
    problem: str


class Monitored(TypedDict):
    """The API's process and its parts."""

    usage: Used
    components: list[Part]
