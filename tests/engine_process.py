"""A real engine process for tests, on free ports and a folder of its own.

    with engine_process(tmp_path / "var", flows=tmp_path / "flows") as engine:
        engine.session.get(engine.api("flows/search"))

It is ended with the block, however the block ends.
"""

import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import requests

from tests.free_port import free_port

START_SECONDS = 180.0
STOP_SECONDS = 40.0

#: an execution, flow or trigger as the API shows it
Shown: TypeAlias = dict[str, Any]


@dataclass
class EngineProcess:
    """One engine that can be started, stopped, killed and started again on the same folder."""

    var: Path
    environment: dict[str, str]
    port: int
    python: str = sys.executable
    process: subprocess.Popen[bytes] | None = None
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.var / "engine.log"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def api(self, path: str) -> str:
        return f"{self.url}/api/v1/main/{path}"

    def secret(self, name: str) -> str:
        return (self.var / "secrets" / name).read_text()

    def start(self, *, wait: bool = True) -> None:
        self.var.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.python, "-m", "cerberus.engine"],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if wait:
            self.wait_until_ready()
            self.session.auth = ("admin@cerberus.local", self.secret("kestra_password"))

    def wait_until_ready(self) -> None:
        assert self.process is not None
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                break
            try:
                if requests.get(f"{self.url}/health", timeout=5).ok:
                    return
            except requests.RequestException:
                time.sleep(0.1)
        raise AssertionError(f"the engine did not get ready:\n{self.log.read_text()[-4000:]}")

    def stop(self) -> float:
        """Stop as the supervisor does and return how long it took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(STOP_SECONDS)
        assert code == 0, f"exit code {code}:\n{self.log.read_text()[-2000:]}"
        return time.monotonic() - began

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def end(self) -> None:
        """Leave nothing behind, in whatever state the test ended."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            # tasks share the engine's process group
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        self.session.close()

    # ---- what most tests do with it

    def create_flow(self, source: str) -> Shown:
        answer = self.session.post(self.api("flows"), source, timeout=30)
        assert answer.ok, answer.text
        return _object(answer)

    def run(self, flow: str, *, wait: bool = True, **inputs: str) -> Shown:
        """Start `namespace/id` and return the execution."""
        parts = {name: (None, value) for name, value in inputs.items()}
        answer = self.session.post(
            self.api(f"executions/{flow}"),
            params={"wait": str(wait).lower()},
            files=parts or None,
            timeout=120,
        )
        assert answer.ok, answer.text
        return _object(answer)

    def execution(self, id_: str) -> Shown:
        answer = self.session.get(self.api(f"executions/{id_}"), timeout=30)
        assert answer.ok, answer.text
        return _object(answer)

    def state(self, id_: str) -> str:
        return str(self.execution(id_)["state"]["current"])

    def wait_for_state(self, id_: str, *wanted: str, seconds: float = 30.0) -> str:
        limit = time.monotonic() + seconds
        while (state := self.state(id_)) not in wanted:
            assert time.monotonic() < limit, f"{id_} is {state}, wanted {wanted}"
            time.sleep(0.05)
        return state

    def outputs(self, id_: str) -> Shown:
        answer = self.session.get(self.api(f"outputs/executions/{id_}"), timeout=30)
        assert answer.ok, answer.text
        return _object(answer)

    def messages(self, id_: str, *, containing: str = "", seconds: float = 10.0) -> list[str]:
        """Return an execution's log lines, once one of them contains the text."""
        limit = time.monotonic() + seconds
        while True:
            found = self.session.get(self.api(f"logs/{id_}"), timeout=30).json()
            messages = [str(line.get("message")) for line in found]
            if any(containing in message for message in messages):
                return messages
            assert time.monotonic() < limit, f"no line contains {containing!r}: {messages}"
            time.sleep(0.1)

    def webhook(self, flow: str, key: str | None = None) -> str:
        """Return the URL of a flow's webhook, by default with the generated key."""
        return self.api(f"executions/webhook/{flow}/{key or self.secret('webhook_key')}")


@contextmanager
def engine_process(
    var: Path,
    *,
    flows: Path | None = None,
    start: bool = True,
    environment: Mapping[str, str] | None = None,
    python: str = sys.executable,
) -> Iterator[EngineProcess]:
    """Run an engine; `environment` adds to and overrides what it is started with."""
    port = int((environment or {}).get("CERBERUS_ENGINE_PORT") or free_port())
    folder = flows or var.parent / "no-flows"
    folder.mkdir(parents=True, exist_ok=True)
    values = {
        **os.environ,
        "CERBERUS_VAR": str(var),
        "CERBERUS_ENGINE_PORT": str(port),
        "CERBERUS_ENGINE_GRPC_PORT": str(free_port()),
        "CERBERUS_ENGINE_FLOWS": str(folder),
        "CERBERUS_ENGINE_TRAIN_CACHE": "false",
        **(environment or {}),
    }
    engine = EngineProcess(var, values, port, python)
    try:
        if start:
            engine.start()
        yield engine
    finally:
        engine.end()


def kestra_client(engine: EngineProcess) -> Any:
    """Return the official client for an engine."""
    with warnings.catch_warnings():
        # the client's models shadow names of pydantic's
        warnings.simplefilter("ignore")
        from kestrapy.kestra_client import KestraClient
    password = engine.secret("kestra_password")
    return KestraClient(host=engine.url, username="admin@cerberus.local", password=password)


def _object(answer: requests.Response) -> Shown:
    shown = answer.json()
    assert isinstance(shown, dict)
    return shown
