"""Paths of Kestra 1.x, and paths without a tenant, as those of 2.0."""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from cerberus.engine.kestra.beans import TENANT

_GROUPS = (
    "flows|executions|logs|metrics|outputs|triggers|kv|namespaces|secrets|dashboards"
    "|concurrency-limit|basicAuth"
)
_WITHOUT_TENANT = re.compile(rf"^/api/v1/(?=(?:{_GROUPS})(?:/|$))")
#: an id of Kestra's own making, so that a flow named pause in any namespace can still be started
_ID = "[0-9A-Za-z]{19,22}"
_ACTIONS = (
    "kill|replay|replay-with-inputs|restart|resume|resume/validate|pause|force-run|unqueue"
    "|change-status|labels|eval|state"
)
_BASE = f"/api/v1/{TENANT}"
_OLD = (
    (rf"executions/({_ID})/({_ACTIONS})", r"executions/\1/actions/\2"),
    (rf"executions/({_ID})/eval/({_ID})", r"executions/\1/actions/eval/\2"),
    (rf"outputs/({_ID})", r"outputs/executions/\1"),
    (rf"outputs/({_ID})/({_ID})", r"outputs/tasks/\1/\2"),
)
_REWRITES = tuple((re.compile(f"^{_BASE}/{old}$"), f"{_BASE}/{new}") for old, new in _OLD)


def current(path: str) -> str:
    """Return the path of Kestra 2.0 with a tenant for any way to write it."""
    path = _WITHOUT_TENANT.sub(f"{_BASE}/", path, count=1)
    for old, new in _REWRITES:
        path, changed = old.subn(new, path)
        if changed:
            break
    return path


class TenantPaths:
    """Lets older ways to write a path reach the route of today's."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "http":
            path = current(scope["path"])
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self._app(scope, receive, send)
