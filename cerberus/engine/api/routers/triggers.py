"""Triggers: `/api/v1/main/triggers`."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from cerberus.engine.api.parameters import Filters, KestraPart, PageOf, Threads
from cerberus.engine.kestra.json_text import JsonObject
from cerberus.engine.kestra.triggers import TriggerName

router = APIRouter(prefix="/api/v1/main/triggers", tags=["triggers"])


class TriggerSwitch(BaseModel):
    """Names a trigger and says whether it is off."""

    model_config = ConfigDict(extra="ignore")

    namespace: str
    flow_id: str = Field(alias="flowId")
    trigger_id: str = Field(alias="triggerId")
    disabled: bool


@router.get("/search")
async def search_triggers(
    kestra: KestraPart, threads: Threads, page: PageOf, filters: Filters
) -> JsonObject:
    """List the triggers that pass the filters, each with its state."""
    return await threads.call(kestra.triggers.search, page, filters)


@router.get("/export/by-query/csv")
async def export_csv(kestra: KestraPart, threads: Threads, filters: Filters) -> Response:
    """Return the triggers that pass the filters as CSV."""
    return Response(await threads.call(kestra.triggers.table, filters), media_type="text/csv")


@router.put("/set-disabled")
async def set_disabled(kestra: KestraPart, threads: Threads, wanted: TriggerSwitch) -> JsonObject:
    """Switch a trigger off or on."""
    name = TriggerName(wanted.namespace, wanted.flow_id, wanted.trigger_id)
    return await threads.call(kestra.triggers.set_disabled, name, wanted.disabled)


@router.get("/{namespace}/{flow_id}")
async def triggers_of_flow(
    kestra: KestraPart, threads: Threads, page: PageOf, namespace: str, flow_id: str
) -> JsonObject:
    """List the states of a flow's triggers."""
    return await threads.call(kestra.triggers.of_flow, namespace, flow_id, page)


@router.post("/{namespace}/{flow_id}/{trigger_id}/restart")
@router.post("/{namespace}/{flow_id}/{trigger_id}/unlock")
async def unlock_trigger(
    kestra: KestraPart, threads: Threads, namespace: str, flow_id: str, trigger_id: str
) -> JsonObject:
    """Let a trigger go on whose last execution never ended."""
    name = TriggerName(namespace, flow_id, trigger_id)
    return await threads.call(kestra.triggers.unlock, name)
