"""Kestra's REST API, as far as commands and pages need it."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

from cerberus.client.http import JsonConnection, Query
from cerberus.errors import Transient

#: states in which an execution stays
ENDED = frozenset({"SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "SKIPPED"})
_BASE = "/api/v1/main"


class Execution(NamedTuple):
    """One run of a flow."""

    id: str
    flow: str
    state: str

    @property
    def has_ended(self) -> bool:
        """Whether the state is the last one."""
        return self.state in ENDED


class LogLine(NamedTuple):
    """One line of an execution's log."""

    at: str
    level: str
    task: str
    message: str


class KestraClient:
    """The engine at a URL, with its user's name and password; use it in one thread."""

    def __init__(
        self, url: str, username: str, password: str, timeout_seconds: float = 30.0
    ) -> None:
        credentials = base64.b64encode(f"{username}:{password}".encode()).decode()
        self._connection = JsonConnection(url, f"Basic {credentials}", timeout_seconds)

    def __enter__(self) -> KestraClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def find_flow(self, flow_id: str) -> str | None:
        """Return the namespace of a flow, or None where there is no such flow."""
        query: Query = {"filters[flowId][EQUALS]": flow_id, "size": 100}
        found = self._connection.call("GET", f"{_BASE}/flows/search", query=query)
        for flow in _list(_object(found).get("results")):
            if flow.get("id") == flow_id:
                return str(flow["namespace"])
        return None

    def run(self, namespace: str, flow_id: str, inputs: Mapping[str, str]) -> Execution:
        """Start a flow and return its execution at once."""
        body, kind = _multipart(inputs)
        path = f"{_BASE}/executions/{quote(namespace, safe='')}/{quote(flow_id, safe='')}"
        return _execution(self._connection.call("POST", path, body, headers={"Content-Type": kind}))

    def execution(self, execution_id: str) -> Execution:
        """Return an execution as it is now."""
        path = f"{_BASE}/executions/{quote(execution_id, safe='')}"
        return _execution(self._connection.call("GET", path))

    def logs(self, execution_id: str) -> list[LogLine]:
        """Return the lines of an execution's log, oldest first."""
        found = self._connection.call("GET", f"{_BASE}/logs/{quote(execution_id, safe='')}")
        lines = [
            LogLine(
                str(line.get("timestamp") or ""),
                str(line.get("level") or ""),
                str(line.get("taskId") or ""),
                str(line.get("message") or ""),
            )
            for line in _list(found)
        ]
        return sorted(lines, key=lambda line: line.at)


def _multipart(inputs: Mapping[str, str]) -> tuple[bytes, str]:
    boundary = f"cerberus-{uuid.uuid4().hex}"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{quote(name)}"\r\n\r\n{value}\r\n'
        for name, value in inputs.items()
    ]
    return (
        f"{''.join(parts)}--{boundary}--\r\n".encode(),
        f"multipart/form-data; boundary={boundary}",
    )


def _execution(answer: object) -> Execution:
    body = _object(answer)
    flow = f"{body.get('namespace')}.{body.get('flowId')}"
    return Execution(str(body.get("id")), flow, str(_object(body.get("state")).get("current")))


def _list(answer: object) -> list[dict[str, object]]:
    listed = answer if isinstance(answer, list) else []
    return [one for one in listed if isinstance(one, dict)]


def _object(answer: object) -> dict[str, object]:
    if not isinstance(answer, dict):
        raise Transient("the answer is no object, is this Kestra?")
    return answer
