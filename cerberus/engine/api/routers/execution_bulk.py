"""What is done to many executions: `/api/v1/main/executions/.../by-ids` and `/by-query`."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel, ConfigDict, Field

from cerberus.engine.api.parameters import Filters, KestraPart, Threads
from cerberus.engine.kestra.bulk import BulkAction
from cerberus.engine.kestra.facade import Kestra
from cerberus.engine.kestra.json_text import JsonObject

router = APIRouter(prefix="/api/v1/main/executions", tags=["executions"])

_ENDED = ("SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "SKIPPED", "RETRIED")
_ALIVE = ("CREATED", "SUBMITTED", "RUNNING", "PAUSED", "RESTARTED", "QUEUED", "RETRYING")

Ids = Annotated[list[str], Body()]


class Wanted(BaseModel):
    """What a bulk action may be told, all of it in the query."""

    model_config = ConfigDict(extra="ignore")

    state: str = "RUNNING"
    newState: str | None = None
    newStatus: str = ""
    latestRevision: bool = False
    includeNonTerminated: bool = False
    deleteLogs: bool = True
    deleteMetrics: bool = True
    deleteStorage: bool = True


class LabelsByIds(BaseModel):
    """Names executions and the labels that they get."""

    model_config = ConfigDict(extra="ignore")

    ids: list[str] = Field(alias="executionsId")
    labels: list[JsonObject] = Field(alias="executionLabels")


def _kill(kestra: Kestra, _: Wanted) -> BulkAction:
    return BulkAction("kill", kestra.executions.kill, _ALIVE)


def _pause(kestra: Kestra, _: Wanted) -> BulkAction:
    return BulkAction("pause", kestra.actions.pause, ("RUNNING",))


def _resume(kestra: Kestra, _: Wanted) -> BulkAction:
    return BulkAction("resume", kestra.actions.resume, ("PAUSED",))


def _restart(kestra: Kestra, _: Wanted) -> BulkAction:
    return BulkAction("restart", kestra.actions.restart, ("FAILED", "WARNING", "KILLED"))


def _replay(kestra: Kestra, wanted: Wanted) -> BulkAction:
    def replay(id_: str) -> object:
        return kestra.actions.replay_revision(id_, is_latest=wanted.latestRevision)

    return BulkAction("replay", replay, _ENDED)


def _force_run(kestra: Kestra, _: Wanted) -> BulkAction:
    return BulkAction("force-run", kestra.actions.force_run, ("CREATED", "QUEUED", "PAUSED"))


def _unqueue(kestra: Kestra, wanted: Wanted) -> BulkAction:
    state = wanted.newState or wanted.state
    return BulkAction("unqueue", lambda id_: kestra.actions.unqueue(id_, state), ("QUEUED",))


def _change_status(kestra: Kestra, wanted: Wanted) -> BulkAction:
    status = wanted.newStatus
    return BulkAction("status", lambda id_: kestra.actions.change_status(id_, status), _ENDED)


def _delete(kestra: Kestra, wanted: Wanted) -> BulkAction:
    def delete(id_: str) -> None:
        kestra.actions.delete(
            id_,
            is_alive_too=wanted.includeNonTerminated,
            logs=wanted.deleteLogs,
            metrics=wanted.deleteMetrics,
            storage=wanted.deleteStorage,
        )

    return BulkAction("delete", delete, () if wanted.includeNonTerminated else _ENDED)


Make = Callable[[Kestra, Wanted], BulkAction]
Answer = Callable[..., Awaitable[JsonObject]]


def _by_ids(make: Make) -> Answer:
    async def by_ids(
        kestra: KestraPart, threads: Threads, wanted: Annotated[Wanted, Query()], ids: Ids
    ) -> JsonObject:
        return await threads.wait(kestra.bulk.by_ids, make(kestra, wanted), ids)

    return by_ids


def _by_query(make: Make) -> Answer:
    async def by_query(
        kestra: KestraPart, threads: Threads, wanted: Annotated[Wanted, Query()], filters: Filters
    ) -> JsonObject:
        return await threads.wait(kestra.bulk.by_query, make(kestra, wanted), filters)

    return by_query


def _add(method: str, prefix: str, name: str, make: Make) -> None:
    for path, endpoint in (("by-ids", _by_ids(make)), ("by-query", _by_query(make))):
        router.add_api_route(
            f"{prefix}/{path}",
            endpoint,
            methods=[method],
            name=f"{name}_{path}",
            summary=f"{name.capitalize()} executions {path.replace('-', ' ')}",
        )


for _name, _make in (
    ("pause", _pause),
    ("resume", _resume),
    ("restart", _restart),
    ("replay", _replay),
    ("force-run", _force_run),
    ("unqueue", _unqueue),
    ("change-status", _change_status),
):
    _add("POST", f"/{_name}", _name, _make)
_add("DELETE", "/kill", "kill", _kill)
_add("DELETE", "", "delete", _delete)


@router.post("/labels/by-ids")
async def labels_by_ids(kestra: KestraPart, threads: Threads, wanted: LabelsByIds) -> JsonObject:
    """Replace the labels of ended executions."""
    action = BulkAction("labels", lambda id_: kestra.actions.set_labels(id_, wanted.labels))
    return await threads.wait(kestra.bulk.by_ids, action, wanted.ids)


@router.post("/labels/by-query")
async def labels_by_query(
    kestra: KestraPart,
    threads: Threads,
    filters: Filters,
    labels: Annotated[list[JsonObject], Body()],
) -> JsonObject:
    """Replace the labels of the ended executions that pass the filters."""
    action = BulkAction("labels", lambda id_: kestra.actions.set_labels(id_, labels), _ENDED)
    return await threads.wait(kestra.bulk.by_query, action, filters)
