"""A server that a test begins, kills and begins again on a port and in a folder of its own."""

import contextlib
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeVar

START_SECONDS = 20


@dataclass(slots=True)
class ServerProcess(ABC):
    """One server on loopback; what it writes goes into `log` of its folder."""

    command: Path
    port: int
    folder: Path
    process: "subprocess.Popen[bytes] | None" = None

    name: ClassVar[str]

    @abstractmethod
    def options(self) -> Sequence[str]:
        """Return what the command is told."""

    @abstractmethod
    def greets(self, connection: socket.socket) -> bool:
        """Return whether who answers there is this server, and ready."""

    def environment(self) -> Mapping[str, str] | None:
        """Return the server's environment; None for that of the test."""
        return None

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.command, *self.options()], stdout=log, stderr=log, env=self.environment()
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                told = (self.folder / "log").read_text()
                raise RuntimeError(f"{self.name} did not start:\n{told}")
            time.sleep(0.02)

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                return self.greets(connection)
        except OSError:
            return False


Server = TypeVar("Server", bound=ServerProcess)


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    """Run a server and end it."""
    server.start()
    try:
        yield server
    finally:
        server.kill()
