"""A NATS server with JetStream of one's own: on PATH, else out of Debian's package."""

import contextlib
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import debian_packages

START_SECONDS = 20
MISSING = (
    "no nats-server is on PATH, and Debian's package cannot be fetched; "
    "on Debian and Ubuntu: apt-get install nats-server"
)


@dataclass(slots=True)
class NatsServer:
    """A server on a port of its own that keeps its streams when it is ended and begun again."""

    command: Path
    port: int
    folder: Path
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        options = ["--addr", "127.0.0.1", "--port", str(self.port)]
        options += ["--jetstream", "--store_dir", str(self.folder / "store")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([self.command, *options], stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"NATS did not start:\n{(self.folder / 'log').read_text()}")
            time.sleep(0.02)

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                return connection.recv(5) == b"INFO "
        except OSError:
            return False


def command() -> Path | None:
    """Return the server, unpacked from Debian's package when there is none; None without."""
    return debian_packages.command("nats-server", "nats", ("nats-server",))


@contextlib.contextmanager
def served(program: Path, port: int, folder: Path) -> Iterator[NatsServer]:
    """Run a server and end it."""
    server = NatsServer(program, port, folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
