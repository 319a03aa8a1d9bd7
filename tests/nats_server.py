"""A NATS server with JetStream of one's own: on PATH, else out of Debian's package."""

import socket
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tests import debian_packages
from tests.server_process import ServerProcess, running

MISSING = (
    "no nats-server is on PATH, and Debian's package cannot be fetched; "
    "on Debian and Ubuntu: apt-get install nats-server"
)


@dataclass(slots=True)
class NatsServer(ServerProcess):
    """A server that keeps its streams when it is ended and begun again."""

    name: ClassVar[str] = "NATS"

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def options(self) -> Sequence[str]:
        address = ("--addr", "127.0.0.1", "--port", str(self.port))
        return (*address, "--jetstream", "--store_dir", str(self.folder / "store"))

    def greets(self, connection: socket.socket) -> bool:
        return connection.recv(5) == b"INFO "


def command() -> Path | None:
    """Return the server, unpacked from Debian's package when there is none; None without."""
    return debian_packages.command("nats-server", "nats", ("nats-server",))


def served(program: Path, port: int, folder: Path) -> AbstractContextManager[NatsServer]:
    """Run a server and end it."""
    return running(NatsServer(program, port, folder))
