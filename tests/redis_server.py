"""A Redis server of one's own: found on PATH, else out of Debian's packages, never installed."""

import contextlib
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import debian_packages

#: the server, and the libraries of it that a small system lacks
PACKAGES = ("redis-tools", "redis-server", "libjemalloc2", "liblzf1", "libatomic1")
START_SECONDS = 20
MISSING = (
    "no Redis server is on PATH, and Debian's packages cannot be fetched; "
    "on Debian and Ubuntu: apt-get install redis-server"
)


@dataclass(slots=True)
class RedisServer:
    """A server on a port of its own, without persistence, that can be ended and begun again."""

    command: Path
    port: int
    folder: Path
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        options += ["--save", "", "--appendonly", "no", "--daemonize", "no"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.command, *options],
                stdout=log,
                stderr=log,
                env=debian_packages.environment("redis"),
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Redis did not start:\n{(self.folder / 'log').read_text()}")
            time.sleep(0.02)

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def command() -> Path | None:
    """Return the server, unpacked from Debian's packages when there is none; None without."""
    return debian_packages.command("redis-server", "redis", PACKAGES)


@contextlib.contextmanager
def served(program: Path, port: int, folder: Path) -> Iterator[RedisServer]:
    """Run a server and end it."""
    server = RedisServer(program, port, folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
