"""Outputs: `/api/v1/main/outputs`."""

from fastapi import APIRouter, Response

from cerberus.engine.api.parameters import KestraPart, Threads, json_response
from cerberus.engine.kestra.json_text import JsonObject

router = APIRouter(prefix="/api/v1/main/outputs", tags=["outputs"])


@router.get("/executions/{id_}")
async def outputs_of_execution(kestra: KestraPart, threads: Threads, id_: str) -> Response:
    """Return the outputs of the flow."""
    return json_response(await threads.call(kestra.outputs.of_execution, id_))


@router.get("/tasks/{id_}")
async def outputs_of_tasks(kestra: KestraPart, threads: Threads, id_: str) -> list[JsonObject]:
    """List the task runs that have outputs."""
    return await threads.call(kestra.outputs.index, id_)


@router.get("/tasks/{id_}/{task_run_id}")
async def outputs_of_task_run(
    kestra: KestraPart, threads: Threads, id_: str, task_run_id: str
) -> Response:
    """Return the outputs of one task run."""
    return json_response(await threads.call(kestra.outputs.of_task_run, id_, task_run_id))
