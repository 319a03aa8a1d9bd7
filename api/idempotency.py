"""State-changing routes that may be repeated under one `Idempotency-Key`."""

import hashlib
import logging
import uuid
from collections.abc import Callable, Collection, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.dependencies import Role, role_of, runtime_of
from api.problems import MEDIA_TYPE, answer_error, problem
from cerberus.domain.answers import Answer
from cerberus.errors import StoreFailed
from cerberus.ports import Transaction
from cerberus.services.desk import Desk
from cerberus.services.known import promptly

log = logging.getLogger(__name__)

HEADER = "Idempotency-Key"
KEY_LENGTH = 200
#: this process; a request that another one left running died with it and may be taken up
INSTANCE = str(uuid.uuid4())

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class IdempotentRoute(APIRoute):
    """A route that answers a repeated key with its first answer.

    The first 2xx or 4xx is kept. A 5xx, or an order whose outcome is unknown (202), is not: the
    same request then resumes the operation.
    """

    is_urgent = False

    def get_route_handler(self) -> Handler:
        """Wrap the handler."""
        handler = super().get_route_handler()

        async def once(request: Request) -> Response:
            key = request.headers.get(HEADER)
            role = _role(request)
            if key is None or role is None or request.method in ("GET", "HEAD"):
                return await handler(request)
            if not 0 < len(key) <= KEY_LENGTH:
                return problem(422, "invalid", f"{HEADER} must have 1 to {KEY_LENGTH} characters")
            return await _run_once(request, handler, key, role, is_urgent=self.is_urgent)

        return once


class UrgentRoute(IdempotentRoute):
    """A route that is right to run twice, and runs when its key cannot be claimed."""

    is_urgent = True


async def _run_once(
    request: Request, handler: Handler, key: str, role: Role, *, is_urgent: bool
) -> Response:
    desk, unkept = runtime_of(request).desk, request.app.state.unkept
    body = await request.body() + request.url.query.encode()
    mine = Answer(
        scope=f"{role} {request.method} {request.url.path}",
        key=key,
        body_hash=hashlib.sha256(body).hexdigest(),
        instance=INSTANCE,
        created_at=desk.wall_clock.now(),
    )
    try:
        claim = desk.store.write(lambda transaction: _begin(transaction, mine, unkept))
        first = await (promptly(claim) if is_urgent else claim)
    except StoreFailed:
        if not is_urgent:
            raise
        return await handler(request)
    if first is not None and not (is_urgent and first.status is None):
        return _repeat(first, mine)
    try:
        response = await handler(request)
    except Exception as error:
        answered = answer_error(error)
        if answered is None:
            await _forget(desk, mine)
            raise
        response = answered
    try:
        await _keep(desk, mine, response)
    except StoreFailed as error:
        unkept.add((mine.scope, mine.key))  # the same request will resume the operation
        log.warning("answer_not_kept scope=%s reason=%s", mine.scope, error)
    return response


def _begin(
    transaction: Transaction, mine: Answer, unkept: Collection[tuple[str, str]]
) -> Answer | None:
    """Claim the key; return the answer that stands in the way."""
    first = transaction.answers.get(mine.scope, mine.key)
    if first is not None:
        is_running = first.instance == INSTANCE and (mine.scope, mine.key) not in unkept
        if first.status is not None or is_running or first.body_hash != mine.body_hash:
            return first
    transaction.answers.put(mine)
    return None


def _repeat(first: Answer, mine: Answer) -> Response:
    if first.body_hash != mine.body_hash:
        return problem(422, "key-reused", f"{HEADER} was used before with another body")
    if first.status is None:
        detail = "the first request with this key is still running"
        return problem(409, "still-running", detail, headers={"Retry-After": "1"})
    kind = "application/json" if first.status < 400 else MEDIA_TYPE
    headers = {"Idempotent-Replayed": "true"}
    return Response(first.body, first.status, headers=headers, media_type=kind)


async def _keep(desk: Desk, mine: Answer, response: Response) -> None:
    status = response.status_code
    final = status < 500 and status not in (202, 401, 403, 409, 429)
    if not final or "json" not in response.headers.get("content-type", ""):
        await _forget(desk, mine)
        return
    kept = Answer(
        scope=mine.scope,
        key=mine.key,
        body_hash=mine.body_hash,
        instance=mine.instance,
        created_at=mine.created_at,
        status=status,
        body=bytes(response.body).decode(),
    )
    await desk.store.write(lambda transaction: transaction.answers.put(kept))


async def _forget(desk: Desk, mine: Answer) -> None:
    await desk.store.write(lambda transaction: transaction.answers.remove(mine.scope, mine.key))


def _role(request: Request) -> Role | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return role_of(runtime_of(request), token) if scheme.lower() == "bearer" else None
