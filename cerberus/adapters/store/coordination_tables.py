"""The tables of leases, workers and tasks, with which the schema begins."""

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text

from cerberus.adapters.store.columns import Member, Moment
from cerberus.domain.workers import TaskStatus

metadata = MetaData()

leases = Table(
    "leases",
    metadata,
    Column("name", String(64), primary_key=True),
    # rises by one with every new owner
    Column("token", Integer, nullable=False),
    Column("owner", String(200), nullable=False),
    Column("taken_at", Moment, nullable=False),
    Column("renewed_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

workers = Table(
    "workers",
    metadata,
    Column("worker_id", String(200), primary_key=True),
    Column("kind", String(48), primary_key=True),
    Column("registered_at", Moment, nullable=False),
    Column("beat_at", Moment, nullable=False),
    Column("tasks_done", Integer, nullable=False),
    Column("tasks_failed", Integer, nullable=False),
)

tasks = Table(
    "tasks",
    metadata,
    Column("task_id", String(36), primary_key=True),
    Column("kind", String(48), nullable=False),
    Column("name", String(64), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("asked_by", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("status", Member(TaskStatus), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("worker_id", String(200)),
    Column("token", Integer),
    Column("finished_at", Moment),
    Column("result", Text, nullable=False),
    Index("ix_tasks_kind_status", "kind", "status"),
)
