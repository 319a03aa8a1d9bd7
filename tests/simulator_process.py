"""A real simulator process for tests, on a free port and a folder of its own.

    with simulator_process(tmp_path / "var") as simulator:
        client = simulator.client()          # an unmodified ccxt client, close it
        simulator.move_price("BTC", "4000")

It is ended with the block, however the block ends.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ccxt.async_support.gate import gate

from cerberus import secret_files
from tests.free_port import free_port

START_SECONDS = 20.0
STOP_SECONDS = 5.0


def ask(port: int, method: str, path: str, body: object = None) -> Any:
    """Call one of a simulator's own routes below `/sim`."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=data, method=method)
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.loads(response.read())


def redirected(urls: Any, base: str) -> Any:
    """Return ccxt's table of URLs with another host, every path kept."""
    if isinstance(urls, dict):
        return {name: redirected(url, base) for name, url in urls.items()}
    return base + "/" + urls.split("://", 1)[1].partition("/")[2]


@dataclass
class SimulatorProcess:
    """One simulator that can be started, stopped, killed and started again on the same folder."""

    var: Path
    port: int
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.var / "simulator.log"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def credentials(self) -> tuple[str, str]:
        secrets = self.var / "secrets"
        return (
            secret_files.read(secrets, "simulator_key"),
            secret_files.read(secrets, "simulator_secret"),
        )

    def start(self) -> None:
        self.var.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cerberus.simulator"],
                env=os.environ | self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._is_healthy():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"simulator did not start:\n{self.log.read_text()}")
            time.sleep(0.05)

    def stop(self) -> float:
        """Ask it to stop and return how many seconds that took."""
        began = time.monotonic()
        self._end(signal.SIGTERM)
        return time.monotonic() - began

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    def client(self, venue: Any = gate, **options: Any) -> Any:
        """Return an unmodified ccxt client with only its URLs changed."""
        key, secret = self.credentials
        settings = {"apiKey": key, "secret": secret, "enableRateLimit": False, **options}
        client = venue(settings)
        client.urls["api"] = redirected(client.urls["api"], self.url)
        return client

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Call one of the simulator's own routes below `/sim`."""
        return ask(self.port, method, path, body)

    def move_price(self, asset: str, price: str, hold_seconds: int = 3600) -> None:
        """Let a price trade now and stay there for so many seconds of market time."""
        body = {"asset": asset, "price": price, "hold_seconds": hold_seconds}
        self.ask("POST", "/sim/price", body)

    def order_fault(self, kind: str, **details: object) -> None:
        """Let the next calls that match go wrong; see `docs/simulator.md`."""
        self.ask("POST", "/sim/fault", {"kind": kind, **details})

    def orders(self) -> list[dict[str, Any]]:
        """Return every order there ever was."""
        found: list[dict[str, Any]] = self.ask("GET", "/sim/orders")["orders"]
        return found

    def _is_healthy(self) -> bool:
        try:
            return bool(self.ask("GET", "/sim/health")["status"] == "ok")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        self.process = None


@contextmanager
def simulator_process(
    var: Path, *, port: int | None = None, control: bool = True, **settings: object
) -> Iterator[SimulatorProcess]:
    """Run a simulator; `settings` are its settings, such as `speed=60`."""
    chosen = port or free_port()
    environment = {
        "CERBERUS_VAR": str(var),
        "CERBERUS_SIMULATOR_PORT": str(chosen),
        "CERBERUS_SIMULATOR_CONTROL": str(control).lower(),
    }
    for name, value in settings.items():
        environment[f"CERBERUS_SIMULATOR_{name.upper()}"] = str(value)
    simulator = SimulatorProcess(var, chosen, environment)
    simulator.start()
    try:
        yield simulator
    finally:
        if simulator.process is not None:
            simulator.stop()
