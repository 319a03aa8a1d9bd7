"""A Redis server of one's own: found on PATH, else out of Debian's packages, never installed."""

import socket
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tests import debian_packages
from tests.server_process import ServerProcess, running

#: the server, and the libraries of it that a small system lacks
PACKAGES = ("redis-tools", "redis-server", "libjemalloc2", "liblzf1", "libatomic1")
MISSING = (
    "no Redis server is on PATH, and Debian's packages cannot be fetched; "
    "on Debian and Ubuntu: apt-get install redis-server"
)


@dataclass(slots=True)
class RedisServer(ServerProcess):
    """A server without persistence."""

    name: ClassVar[str] = "Redis"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def options(self) -> Sequence[str]:
        place = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder))
        return (*place, "--save", "", "--appendonly", "no", "--daemonize", "no")

    def environment(self) -> Mapping[str, str]:
        return debian_packages.environment("redis")

    def greets(self, connection: socket.socket) -> bool:
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")


def command() -> Path | None:
    """Return the server, unpacked from Debian's packages when there is none; None without."""
    return debian_packages.command("redis-server", "redis", PACKAGES)


def served(program: Path, port: int, folder: Path) -> AbstractContextManager[RedisServer]:
    """Run a server and end it."""
    return running(RedisServer(program, port, folder))
