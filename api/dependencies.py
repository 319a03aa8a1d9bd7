"""What routes ask for: the runtime, and who the caller is."""

import secrets
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from cerberus.bootstrap import Runtime
from cerberus.errors import Forbidden
from cerberus.services.desk import Desk

_BEARER = HTTPBearer(auto_error=False, description="the token that `cerberus token` prints")


class Role(StrEnum):
    """What a token allows; an admin may do all that an operator may."""

    OPERATOR = "operator"
    ADMIN = "admin"


def runtime_of(request: Request) -> Runtime:
    """Return the process's runtime."""
    runtime: Runtime = request.app.state.runtime
    return runtime


def role_of(runtime: Runtime, token: str) -> Role | None:
    """Return what a token allows; both are compared in constant time."""
    given = token.encode()
    is_admin = secrets.compare_digest(given, runtime.admin_token.encode())
    is_operator = secrets.compare_digest(given, runtime.api_token.encode())
    return Role.ADMIN if is_admin else Role.OPERATOR if is_operator else None


async def caller(
    runtime: Annotated[Runtime, Depends(runtime_of)],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
) -> Role:
    """Return the caller's role, or answer 401."""
    role = None if credentials is None else role_of(runtime, credentials.credentials)
    if role is None:
        detail = "a valid bearer token is needed, `cerberus token` prints it"
        raise HTTPException(401, detail, headers={"WWW-Authenticate": "Bearer"})
    return role


async def admin(role: Annotated[Role, Depends(caller)]) -> Role:
    """Let only an admin pass."""
    if role is not Role.ADMIN:
        raise Forbidden("the admin token is needed, `cerberus token --admin` prints it")
    return role


async def desk_of(runtime: Annotated[Runtime, Depends(runtime_of)]) -> Desk:
    """Return the desk."""
    return runtime.desk


TheRuntime = Annotated[Runtime, Depends(runtime_of)]
TheDesk = Annotated[Desk, Depends(desk_of)]
Caller = Annotated[Role, Depends(caller)]
Admin = Annotated[Role, Depends(admin)]
Limit = Annotated[int, Query(ge=1, le=500, description="how many, newest first")]
Offset = Annotated[int, Query(ge=0, le=10_000_000, description="how many to leave out")]
