"""supervisord's own remote interface over its unix socket, without its client's weight."""

import http.client
import socket
import xmlrpc.client
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cerberus.errors import Transient

TIMEOUT_SECONDS = 3.0
#: supervisord's fault code for "there is nothing to stop"
NOT_RUNNING = 70


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    """What supervisord knows about one process."""

    name: str
    state: str
    pid: int


class Control(Protocol):
    """The part of supervisord's interface that is used here."""

    def processes(self) -> list[ProcessInfo]:
        """Return all processes."""

    def stop(self, name: str) -> None:
        """Ask supervisord to stop a process; does nothing when it does not run."""

    def signal(self, name: str, signal_name: str) -> None:
        """Send a signal; supervisord starts the process again when it dies of it."""

    def log_tail(self) -> str:
        """Return the last part of supervisord's own log."""


class SocketControl:
    """`Control` over the socket of a running supervisord; every failure is `Transient`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def processes(self) -> list[ProcessInfo]:
        """Return all processes."""
        answer = self._call("getAllProcessInfo")
        if not isinstance(answer, list):
            raise Transient(f"supervisord's answer was {answer!r}, not a list")
        return [
            ProcessInfo(str(item["name"]), str(item["statename"]), int(item["pid"]))
            for item in answer
        ]

    def stop(self, name: str) -> None:
        """Ask supervisord to stop a process; does nothing when it does not run."""
        self._call_unless_done("stopProcess", name, False)

    def signal(self, name: str, signal_name: str) -> None:
        """Send a signal; supervisord starts the process again when it dies of it."""
        self._call_unless_done("signalProcess", name, signal_name)

    def log_tail(self) -> str:
        """Return the last part of supervisord's own log."""
        return str(self._call("readLog", -4000, 0))

    def pid(self) -> int:
        """Return the pid of supervisord itself."""
        return int(str(self._call("getPID")))

    def shutdown(self) -> None:
        """Stop all processes in their order, then supervisord itself."""
        self._call("shutdown")

    def _call_unless_done(self, method: str, *arguments: object) -> None:
        try:
            self._call(method, *arguments)
        except Transient as error:
            fault = error.__cause__
            if not isinstance(fault, xmlrpc.client.Fault) or fault.faultCode != NOT_RUNNING:
                raise

    def _call(self, method: str, *arguments: object) -> object:
        transport = _UnixTransport(self._path)
        try:
            with xmlrpc.client.ServerProxy("http://localhost/RPC2", transport) as proxy:
                answer: object = getattr(proxy, f"supervisor.{method}")(*arguments)
        except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
            raise Transient(f"supervisord did not do {method}: {error}") from error
        return answer


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: object) -> http.client.HTTPConnection:
        connection = _UnixConnection(self._path)
        self._connection = (str(host), connection)
        return connection


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=TIMEOUT_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(TIMEOUT_SECONDS)
        self.sock.connect(str(self._path))
