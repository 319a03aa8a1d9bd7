"""Webhooks: open to everybody who has the key in the path."""

from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from cerberus.engine.api.parameters import KestraPart, Threads, read_parts
from cerberus.engine.api.problems import problem
from cerberus.engine.kestra.webhook_bodies import WebhookBody
from cerberus.engine.kestra.webhooks import NOT_FOUND, WebhookCall

router = APIRouter(prefix="/api/v1/main/executions/webhook", tags=["webhooks"])

_METHODS = ["GET", "POST", "PUT"]
_REASONS = {404: NOT_FOUND, 422: "body: it does not give the flow the inputs that it needs"}


async def trigger_webhook(
    request: Request,
    kestra: KestraPart,
    threads: Threads,
    namespace: str,
    id_: str,
    key: str,
    path: str | None = None,
) -> Response:
    """Start the flow whose webhook has this key."""
    webhook = await threads.call(kestra.webhooks.find, namespace, id_, key)
    call = WebhookCall(
        namespace,
        id_,
        key,
        request.method,
        # the path comes in decoded
        str(request.url.replace(path=quote(request.url.path))),
        tuple(request.headers.items()),
        await _body(request),
        path,
    )
    run = threads.wait if webhook.waits else threads.call
    answer = await run(kestra.webhooks.call, webhook, call)
    if answer.body is not None:
        return Response(answer.body, answer.status, media_type="application/json")
    if answer.status >= 400:
        return problem(answer.status, _REASONS.get(answer.status, "the webhook refused the call"))
    return Response(status_code=answer.status)


async def _body(request: Request) -> WebhookBody:
    kind = request.headers.get("content-type", "").lower()
    if kind.startswith("multipart/form-data"):
        return WebhookBody(b"", kind, await read_parts(request))
    return WebhookBody(await request.body(), kind)


for _path in ("/{namespace}/{id_}/{key}", "/{namespace}/{id_}/{key}/{path:path}"):
    for _method in _METHODS:
        router.add_api_route(_path, trigger_webhook, methods=[_method])
