"""What is done to one execution: `/api/v1/main/executions/{id}/actions/...`."""

from typing import Annotated

from fastapi import APIRouter, Body, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from cerberus.engine.api.parameters import FormParts, KestraPart, TextBody, Threads, json_response
from cerberus.engine.kestra.json_text import JsonObject, to_text

router = APIRouter(prefix="/api/v1/main/executions/{id_}", tags=["executions"])


class TaskRunState(BaseModel):
    """Names a task run and says how it is to have ended."""

    model_config = ConfigDict(extra="ignore")

    task_run_id: str = Field(alias="taskRunId")
    state: str


@router.delete("/actions/kill")
@router.delete("/kill", include_in_schema=False)
async def kill_execution(
    kestra: KestraPart,
    threads: Threads,
    id_: str,
    isOnKillCascade: bool = True,
) -> Response:
    """End a running execution and, unless told otherwise, its subflows."""
    text = await threads.call(kestra.executions.kill, id_, cascade=isOnKillCascade)
    return json_response(text)


@router.post("/actions/pause")
async def pause_execution(kestra: KestraPart, threads: Threads, id_: str) -> Response:
    """Let running tasks end and start no more."""
    return json_response(to_text(await threads.call(kestra.actions.pause, id_)))


@router.post("/actions/resume")
async def resume_execution(
    kestra: KestraPart, threads: Threads, id_: str, parts: FormParts
) -> Response:
    """Go on with a paused execution, with the inputs that its Pause task asks for."""
    return json_response(to_text(await threads.call(kestra.actions.resume, id_, parts)))


@router.post("/actions/resume/validate")
async def validate_resume(
    kestra: KestraPart, threads: Threads, id_: str, parts: FormParts
) -> list[JsonObject]:
    """Check the inputs for a paused execution; nothing is resumed."""
    return await threads.call(kestra.checks.for_resume, id_, parts)


@router.post("/actions/resume-from-breakpoint")
async def resume_from_breakpoint(
    kestra: KestraPart, threads: Threads, id_: str, breakpoints: str | None = None
) -> Response:
    """Go on with an execution that stands at a breakpoint."""
    execution = await threads.call(kestra.actions.resume_from_breakpoint, id_, breakpoints)
    return json_response(to_text(execution))


@router.post("/actions/restart")
async def restart_execution(
    kestra: KestraPart, threads: Threads, id_: str, revision: int | None = None
) -> Response:
    """Run the failed tasks again, under the same id."""
    return json_response(to_text(await threads.call(kestra.actions.restart, id_, revision)))


@router.post("/actions/replay")
async def replay_execution(
    kestra: KestraPart,
    threads: Threads,
    id_: str,
    taskRunId: str | None = None,
    revision: int | None = None,
    breakpoints: str | None = None,
) -> Response:
    """Run an execution again under a new id, from its start or from a task run."""
    execution = await threads.call(
        kestra.actions.replay,
        id_,
        task_run_id=taskRunId,
        revision=revision,
        breakpoints=breakpoints,
    )
    return json_response(to_text(execution))


@router.post("/actions/replay-with-inputs")
async def replay_with_inputs(
    request: Request,
    kestra: KestraPart,
    threads: Threads,
    id_: str,
    parts: FormParts,
    taskRunId: str | None = None,
    revision: int | None = None,
    breakpoints: str | None = None,
) -> Response:
    """Run an execution again under a new id with other inputs."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise HTTPException(422, "inputs are required as multipart/form-data, if only an empty one")
    execution = await threads.call(
        kestra.actions.replay,
        id_,
        task_run_id=taskRunId,
        revision=revision,
        breakpoints=breakpoints,
        parts=parts,
    )
    return json_response(to_text(execution))


@router.post("/actions/force-run")
async def force_run_execution(kestra: KestraPart, threads: Threads, id_: str) -> Response:
    """Run an execution now that waits for a slot, a date or a worker."""
    return json_response(to_text(await threads.call(kestra.actions.force_run, id_)))


@router.post("/actions/unqueue")
async def unqueue_execution(
    kestra: KestraPart, threads: Threads, id_: str, state: str | None = None
) -> Response:
    """Take an execution out of the queue of its flow's concurrency limit."""
    return json_response(to_text(await threads.call(kestra.actions.unqueue, id_, state)))


@router.post("/actions/labels")
async def set_labels(
    kestra: KestraPart, threads: Threads, id_: str, labels: Annotated[list[JsonObject], Body()]
) -> Response:
    """Replace the labels of an execution that has ended."""
    return json_response(to_text(await threads.call(kestra.actions.set_labels, id_, labels)))


@router.post("/actions/change-status")
async def change_status(kestra: KestraPart, threads: Threads, id_: str, status: str) -> Response:
    """Say that an execution that has ended ended otherwise."""
    return json_response(to_text(await threads.call(kestra.actions.change_status, id_, status)))


@router.post("/actions/state")
async def change_task_run(
    kestra: KestraPart, threads: Threads, id_: str, wanted: TaskRunState
) -> Response:
    """Say that a task run ended otherwise, and go on from there."""
    execution = await threads.call(
        kestra.actions.change_task_run, id_, wanted.task_run_id, wanted.state
    )
    return json_response(to_text(execution))


@router.post("/actions/eval")
async def evaluate(
    kestra: KestraPart, threads: Threads, id_: str, expression: TextBody
) -> JsonObject:
    """Render an expression with what an execution knows."""
    return await threads.call(kestra.checks.evaluate, id_, expression)


@router.post("/actions/eval/{task_run_id}")
async def evaluate_for_task_run(
    kestra: KestraPart, threads: Threads, id_: str, task_run_id: str, expression: TextBody
) -> JsonObject:
    """Render an expression with what a task run knows."""
    return await threads.call(kestra.checks.evaluate, id_, expression, task_run_id)


@router.delete("", status_code=204)
async def delete_execution(
    kestra: KestraPart,
    threads: Threads,
    id_: str,
    deleteLogs: bool = True,
    deleteMetrics: bool = True,
    deleteStorage: bool = True,
) -> Response:
    """Delete an execution with its logs, metrics and files."""
    await threads.call(
        kestra.actions.delete,
        id_,
        logs=deleteLogs,
        metrics=deleteMetrics,
        storage=deleteStorage,
    )
    return Response(status_code=204)
