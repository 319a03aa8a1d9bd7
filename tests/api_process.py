"""A real API process for tests, beside a real simulator on the same folder.

    with trading_pair(tmp_path / "var") as (simulator, api):
        status, trade = api.post("/api/trades", {"signal": {...}})

Both are ended with the block, however the block ends.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cerberus import secret_files
from tests.free_port import free_port
from tests.simulator_process import SimulatorProcess, simulator_process

START_SECONDS = 40.0
STOP_SECONDS = 25.0


@dataclass
class ApiProcess:
    """One API that can be started, stopped, killed and started again on the same folder."""

    var: Path
    port: int
    environment: dict[str, str]
    wrapper: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.var / "api.log"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def token(self, name: str = "api_token") -> str:
        return secret_files.read(self.var / "secrets", name)

    def start(self, *, until_ready: bool = True) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.wrapper, sys.executable, "-m", "api"],
                env=os.environ | self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        if until_ready:
            self.wait_ready()

    def wait_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if not self.is_running or time.monotonic() > deadline:
                raise RuntimeError(f"the API did not start:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.05)

    def stop(self) -> float:
        """Ask it to stop and return how many seconds that took."""
        began = time.monotonic()
        self._end(signal.SIGTERM)
        return time.monotonic() - began

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str | None = "api_token",
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
        timeout: float = 30,
    ) -> tuple[int, Any]:
        """Call a route and return status and parsed body; `raw` replaces the JSON of `body`."""
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {self.token(token)}"
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, data, sent)
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        is_json = "json" in (response.getheader("content-type") or "")
        return response.status, json.loads(text) if is_json else text.decode(errors="replace")

    def get(self, path: str, **options: Any) -> tuple[int, Any]:
        return self.call("GET", path, **options)

    def post(self, path: str, body: object = None, **options: Any) -> tuple[int, Any]:
        return self.call("POST", path, body, **options)

    def wait_for_trade(
        self, trade_id: str, is_reached: Callable[[dict[str, Any]], bool], seconds: float = 15
    ) -> dict[str, Any]:
        """Return a trade once it is as wished, or as it was last when time is over."""
        deadline = time.monotonic() + seconds
        while True:
            trade: dict[str, Any] = self.get(f"/api/trades/{trade_id}")[1]
            if is_reached(trade) or time.monotonic() > deadline:
                return trade
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        try:
            return self.get("/ready", token=None, timeout=2)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process = None


@contextmanager
def api_process(
    simulator: SimulatorProcess,
    *,
    until_ready: bool = True,
    wrapper: tuple[str, ...] = (),
    **variables: str,
) -> Iterator[ApiProcess]:
    """Run an API beside a simulator, on its folder; cooldowns are off unless asked for.

    A `wrapper` is a command that prepares something and then becomes the API.
    """
    port = free_port()
    environment = simulator.environment | {
        "CERBERUS_VAR": str(simulator.var),
        "CERBERUS_API_PORT": str(port),
        "CERBERUS_SIMULATOR_PORT": str(simulator.port),
        # where an engine may be started beside it
        "CERBERUS_ENGINE_PORT": str(free_port()),
        "CERBERUS_RISK_COOLDOWN_SECONDS": "0",
        **variables,
    }
    api = ApiProcess(simulator.var, port, environment, wrapper)
    try:
        api.start(until_ready=until_ready)
        yield api
    finally:
        api._end(signal.SIGTERM)


@contextmanager
def trading_pair(var: Path, **variables: str) -> Iterator[tuple[SimulatorProcess, ApiProcess]]:
    """Run a simulator whose market and faults are in the test's hand, and an API beside it."""
    with simulator_process(var) as simulator, api_process(simulator, **variables) as api:
        yield simulator, api
