"""What is done to triggers and their backfills: `/api/v1/main/triggers/...`."""

from collections.abc import Callable
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict, Field

from cerberus.engine.api.parameters import Filters, KestraPart, Threads
from cerberus.engine.kestra.facade import Kestra
from cerberus.engine.kestra.json_text import JsonObject
from cerberus.engine.kestra.triggers import TriggerName

router = APIRouter(prefix="/api/v1/main/triggers", tags=["triggers"])

Run: TypeAlias = Callable[[TriggerName], object]


class TriggerKey(BaseModel):
    """Names a trigger."""

    model_config = ConfigDict(extra="ignore")

    namespace: str
    flow_id: str = Field(alias="flowId")
    trigger_id: str = Field(alias="triggerId")

    @property
    def name(self) -> TriggerName:
        """The name as the engine takes it."""
        return TriggerName(self.namespace, self.flow_id, self.trigger_id)


class Switched(BaseModel):
    """Names triggers and says whether they are off."""

    model_config = ConfigDict(extra="ignore")

    triggers: list[TriggerKey]
    disabled: bool


class NewBackfill(TriggerKey):
    """Names a schedule and the past dates to run it for."""

    backfill: JsonObject


class QueryBody(BaseModel):
    """Filters in a body."""

    model_config = ConfigDict(extra="ignore")

    filters: list[JsonObject] = []

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The same filters as a query has them."""
        return [
            (f"filters[{each.get('field')}][{each.get('operation')}]", str(each.get("value")))
            for each in self.filters
        ]


Keys = Annotated[list[TriggerKey], Body()]


@router.post("/set-disabled/by-triggers")
async def set_disabled_by_ids(kestra: KestraPart, threads: Threads, wanted: Switched) -> JsonObject:
    """Switch the named triggers off or on."""
    names = [each.name for each in wanted.triggers]
    run = _switch(kestra, wanted.disabled)
    return await threads.wait(kestra.triggers.each, "set-disabled", names, run)


@router.post("/set-disabled/by-query")
async def set_disabled_by_query(
    kestra: KestraPart, threads: Threads, filters: Filters, disabled: bool = True
) -> JsonObject:
    """Switch the triggers off or on that pass the filters."""
    names = await threads.call(kestra.triggers.names, filters)
    run = _switch(kestra, disabled)
    return await threads.wait(kestra.triggers.each, "set-disabled", names, run)


@router.delete("/delete/by-triggers")
async def delete_by_ids(kestra: KestraPart, threads: Threads, keys: Keys) -> JsonObject:
    """Forget the state of the named triggers."""
    names = [each.name for each in keys]
    return await threads.wait(kestra.triggers.each, "delete", names, kestra.triggers.delete)


@router.delete("/delete/by-query")
async def delete_by_query(
    kestra: KestraPart, threads: Threads, filters: Filters, wanted: QueryBody
) -> JsonObject:
    """Forget the state of the triggers that pass the filters."""
    parameters = [*filters, *wanted.parameters]
    names = await threads.call(kestra.triggers.names, parameters)
    return await threads.wait(kestra.triggers.each, "delete", names, kestra.triggers.delete)


@router.put("/backfill/create")
async def create_backfill(kestra: KestraPart, threads: Threads, wanted: NewBackfill) -> JsonObject:
    """Run a schedule for dates that are past."""
    return await threads.call(kestra.triggers.create_backfill, wanted.name, wanted.backfill)


@router.put("")
async def update_trigger(kestra: KestraPart, threads: Threads, wanted: NewBackfill) -> JsonObject:
    """Start a backfill the way of Kestra 1.x, with the whole trigger."""
    return await threads.call(kestra.triggers.create_backfill, wanted.name, wanted.backfill)


@router.delete("/{namespace}/{flow_id}/{trigger_id}", status_code=204)
async def delete_trigger(
    kestra: KestraPart, threads: Threads, namespace: str, flow_id: str, trigger_id: str
) -> Response:
    """Forget the state of a trigger."""
    await threads.call(kestra.triggers.delete, TriggerName(namespace, flow_id, trigger_id))
    return Response(status_code=204)


def _switch(kestra: Kestra, disabled: bool) -> Run:
    return lambda name: kestra.triggers.set_disabled(name, disabled)


def _pause(kestra: Kestra) -> Run:
    return lambda name: kestra.triggers.pause_backfill(name, paused=True)


def _unpause(kestra: Kestra) -> Run:
    return lambda name: kestra.triggers.pause_backfill(name, paused=False)


def _delete(kestra: Kestra) -> Run:
    return lambda name: kestra.triggers.delete_backfill(name)


def _unlock(kestra: Kestra) -> Run:
    return lambda name: kestra.triggers.unlock(name)


def _add_one(method: str, path: str, title: str, make: Callable[[Kestra], Run]) -> None:
    async def one(kestra: KestraPart, threads: Threads, key: TriggerKey) -> object:
        return await threads.call(make(kestra), key.name)

    router.add_api_route(path, one, methods=[method], name=title, summary=title)


def _add_many(path: str, title: str, make: Callable[[Kestra], Run]) -> None:
    async def by_ids(kestra: KestraPart, threads: Threads, keys: Keys) -> JsonObject:
        names = [each.name for each in keys]
        return await threads.wait(kestra.triggers.each, title, names, make(kestra))

    async def by_query(kestra: KestraPart, threads: Threads, filters: Filters) -> JsonObject:
        names = await threads.call(kestra.triggers.names, filters)
        return await threads.wait(kestra.triggers.each_possible, names, make(kestra))

    for tail, endpoint in (("by-triggers", by_ids), ("by-query", by_query)):
        name = f"{title} {tail}"
        router.add_api_route(f"{path}/{tail}", endpoint, methods=["POST"], name=name, summary=name)


_add_one("POST", "/backfill/delete", "delete backfill", _delete)
_add_one("PUT", "/backfill/pause", "pause backfill", _pause)
_add_one("PUT", "/backfill/unpause", "unpause backfill", _unpause)
_add_many("/backfill/delete", "delete backfill", _delete)
_add_many("/backfill/pause", "pause backfill", _pause)
_add_many("/backfill/unpause", "unpause backfill", _unpause)
_add_many("/unlock", "unlock", _unlock)
