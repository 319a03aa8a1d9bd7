"""One whole stack for the benchmarks: a fresh clone, empty caches, free ports, `scripts/up`."""

import atexit
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.free_port import free_port
from tests.whole_stack import SCHEDULES

ROOT = Path(__file__).resolve().parent.parent
UP_SECONDS = 600

#: risk that would end fifty trades in a row of one size; everything else stays as it ships
SETTINGS = """
CERBERUS_RISK_COOLDOWN_SECONDS=0
CERBERUS_RISK_MAX_LOSSES_IN_A_ROW=100000
CERBERUS_RISK_MAX_DAILY_LOSS_USD=100000
CERBERUS_RISK_MAX_DRAWDOWN_PERCENT=100
"""


@dataclass
class Stack:
    """A stack in a scratch clone; ended and removed when the process ends."""

    folder: Path
    environment: dict[str, str]
    ports: dict[str, int]
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def clone(self) -> Path:
        return self.folder / "clone"

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['API']}"

    @property
    def kestra_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['ENGINE']}/api/v1/main"

    def secret(self, name: str) -> str:
        return (self.clone / "var" / "secrets" / name).read_text().strip()

    def script(self, *words: str) -> float:
        """Run one of the clone's scripts and return its seconds."""
        began = time.monotonic()
        done = subprocess.run(
            [str(self.clone / "scripts" / words[0]), *words[1:]],
            cwd=self.clone,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=UP_SECONDS,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)} failed:\n{done.stdout[-3000:]}")
        return time.monotonic() - began

    def api(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """Call the Cerberus API and return the parsed answer."""
        headers["Authorization"] = f"Bearer {self.secret('api_token')}"
        return _call(method, self.api_url + path, body, headers)

    def kestra(self, method: str, path: str, body: object = None) -> Any:
        """Call Kestra's API and return the parsed answer."""
        user = f"admin@cerberus.local:{self.secret('kestra_password')}"
        headers = {"Authorization": "Basic " + b64encode(user.encode()).decode()}
        return _call(method, self.kestra_url + path, body, headers)

    def webhook(self, body: object) -> Any:
        """Call the pipeline's webhook and return Kestra's answer."""
        key = self.secret("webhook_key")
        path = f"/executions/webhook/cerberus.trading/cerberus-trading-pipeline/{key}"
        return _call("POST", self.kestra_url + path, body, {})

    def close_positions(self) -> None:
        for held in self.api("GET", "/api/positions?open_only=true")["positions"]:
            self.api("POST", f"/api/positions/{held['position_id']}/close", {})

    def set_schedules(self, *, disabled: bool) -> None:
        """Switch the shipped schedules, which trade and take time, off or on."""
        for flow, trigger in SCHEDULES:
            namespace, flow_id = flow.split("/")
            which = {"namespace": namespace, "flowId": flow_id, "triggerId": trigger}
            self.kestra("PUT", "/triggers/set-disabled", which | {"disabled": disabled})


_RUNNING: list[Stack] = []


def stack() -> Stack:
    """Return the running stack; the first call makes the clone and times its first start."""
    if not _RUNNING:
        made = _clone()
        atexit.register(_remove, made)
        made.seconds["first"] = made.script("up", "--detach")
        _RUNNING.append(made)
    return _RUNNING[0]


def _clone() -> Stack:
    folder = Path(tempfile.mkdtemp(prefix="cerberus-bench-"))
    ports = {name: free_port() for name in ("API", "ENGINE", "ENGINE_GRPC", "SIMULATOR")}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CERBERUS_")}
    for name in ("VIRTUAL_ENV", "JAVA_HOME", "XDG_CACHE_HOME", "PYTHONPATH"):
        kept.pop(name, None)
    environment = kept | {f"CERBERUS_{name}_PORT": str(port) for name, port in ports.items()}
    environment["HOME"] = str(folder / "home")
    # the tools of this environment are not a stranger's
    inside = str(ROOT / ".venv")
    paths = [part for part in kept["PATH"].split(os.pathsep) if not part.startswith(inside)]
    environment["PATH"] = os.pathsep.join(paths)
    (folder / "home").mkdir()
    made = Stack(folder, environment, ports)
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(made.clone)], check=True)
    (made.clone / ".env").write_text(SETTINGS)
    return made


def _remove(made: Stack) -> None:
    if (made.clone / ".venv").exists():
        made.script("down")
    shutil.rmtree(made.folder, ignore_errors=True)


def _call(method: str, url: str, body: object, headers: dict[str, str]) -> Any:
    data = None if body is None else json.dumps(body).encode()
    sent = {"Content-Type": "application/json"} | headers
    request = urllib.request.Request(url, data=data, method=method, headers=sent)
    with urllib.request.urlopen(request, timeout=60) as response:
        text = response.read()
    if not text.startswith((b"{", b"[")):
        return text.decode()
    return json.loads(text)
