"""The API of one case and its client, in a process that a fault may kill at any call or commit."""

import asyncio
import os
import re
import resource
import signal
import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from tests.simulator_process import ask
from tests.sweep.invariants import books_of
from tests.sweep.points import Case

#: the venue is given up after this; what a placement carries expires a little later
TIMEOUT_SECONDS = 0.4
FIRST_STEP_SECONDS = 10
LIFETIME = timedelta(seconds=1)
FOLLOW_SECONDS = 0.1
#: after this a goal counts as never reached
GOAL_SECONDS = 30.0
SPOILED_SECONDS = 8.0
STATUSES = {"429": "TOO_MANY_REQUESTS", "418": "IP_BANNED", "503": "SERVER_ERROR"}
#: loops whose commits are no part of a scenario
HEARTBEATS = ("lease", "worker")
_NUMBER = re.compile(r"\d{5,}|t-[0-9a-z]{26}")


class Strike:
    """Counts calls and commits, writes them down, and strikes at one of them."""

    def __init__(self, record: Path, simulator_port: int, case: Case | None) -> None:
        self.is_armed = False
        self.port = simulator_port
        self._record, self._case = record, case
        self._seen: Counter[str] = Counter()

    def around_calls(self, client: Any) -> None:
        """Strike at calls of a ccxt client."""
        inner = client.fetch

        async def fetch(url: str, method: str = "GET", *rest: Any, **named: Any) -> Any:
            path = url.partition("?")[0].split("/", 3)[3]
            fault = self._next(f"{method} /{_NUMBER.sub('N', path)}")
            self._kill_if(fault, "kill_before")
            if fault and not fault.startswith("kill"):
                ask(self.port, "POST", "/sim/fault", _order(fault, method, f"/{path}"))
            try:
                return await inner(url, method, *rest, **named)
            finally:
                self._kill_if(fault, "kill_after")

        client.fetch = fetch

    def around_commits(self, store: Any) -> None:
        """Strike at the commits of a store."""
        inner = store.write

        async def write(work: Callable[[Any], Any]) -> Any:
            fault = self._next("commit")
            self._kill_if(fault, "kill_before")
            limits = resource.getrlimit(resource.RLIMIT_FSIZE)
            if fault == "disk_full":
                # the kernel refuses every byte beyond the first
                resource.setrlimit(resource.RLIMIT_FSIZE, (1, limits[1]))
            try:
                return await inner(work)
            finally:
                if fault == "disk_full":
                    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
                self._kill_if(fault, "kill_after")

        store.write = write

    def _next(self, name: str) -> str | None:
        task = asyncio.current_task()
        # heartbeats come when they will
        if not self.is_armed or (task is not None and task.get_name() in HEARTBEATS):
            return None
        self._seen[name] += 1
        if self._case is None:
            with self._record.open("a") as record:
                record.write(name + "\n")
            return None
        point = self._case.point
        is_here = (name, self._seen[name]) == (point.name, point.occurrence)
        return self._case.fault if is_here else None

    def _kill_if(self, fault: str | None, wanted: str) -> None:
        if fault == wanted:
            os.kill(os.getpid(), signal.SIGKILL)


def trade(var: str, simulator_port: int, record: str, case: Case, script: str, hook: str) -> None:
    """Run the API and its client until the scenario's goal is reached; exit code 0 tells so.

    `case.fault` "none" only writes the points down, "recovery" only reaches the goal. `hook` names
    a function of `tests.sweep.defects` that spoils the code first.
    """
    from tests.sweep import defects, scenarios

    async def goal(session: aiohttp.ClientSession, simulator: int) -> None:
        if not is_counting:
            await asyncio.wait_for(scenarios.settled(session, simulator), seconds)
        await asyncio.wait_for(getattr(scenarios, script)(session, simulator), seconds)

    listening = socket.create_server(("127.0.0.1", 0))  # nobody can take it in between
    port = listening.getsockname()[1]
    os.environ.update(_environment(var, (simulator_port, port), scenarios.is_spot(script)))
    handle = os.open(Path(var, "api.log"), os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    if hook:
        getattr(defects, hook)()
    strike = Strike(Path(record), simulator_port, None if case.fault == "none" else case)
    is_counting = case.fault != "recovery"
    seconds = SPOILED_SECONDS if hook else GOAL_SECONDS
    with listening:
        asyncio.run(_run(strike, listening, goal, Path(var), is_counting=is_counting))


async def _run(
    strike: Strike,
    listening: socket.socket,
    scenario: Callable[..., Awaitable[None]],
    var: Path,
    *,
    is_counting: bool,
) -> None:
    import uvicorn

    from api.app import create_app
    from cerberus.bootstrap import build

    runtime = build()
    _hasten(runtime)
    client = runtime.desk.exchange._venue._client
    # the first step of each loop is no part of the scenario, and on a busy machine no fault
    client.timeout = FIRST_STEP_SECONDS * 1000
    strike.around_calls(client)
    strike.around_commits(runtime.store)
    app = create_app(runtime, lambda: None)
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listening]))
    token = {"Authorization": f"Bearer {runtime.api_token}"}
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with aiohttp.ClientSession(address, headers=token) as session:
        while not all(one.succeeded_at for one in runtime.loops):  # noqa: ASYNC110 - polled
            await asyncio.sleep(0.02)
        client.timeout = int(TIMEOUT_SECONDS * 1000)
        strike.is_armed = is_counting
        await scenario(session, strike.port)
        strike.is_armed = False
        await _reconcile_twice(session, var)
    server.should_exit = True
    await serving


async def _reconcile_twice(session: aiohttp.ClientSession, var: Path) -> None:
    """See that what one reconciliation has left, another one leaves as it is."""
    books = []
    for _ in range(2):
        while (status := await _reconcile(session)) != 200:
            assert status == 503, status
            await asyncio.sleep(0.05)
        books.append(books_of(var))
    assert books[0] == books[1], "reconciling again has changed something"


async def _reconcile(session: aiohttp.ClientSession) -> int:
    async with session.post("/api/reconciliation/run") as answer:
        return answer.status


def _hasten(runtime: Any) -> None:
    from dataclasses import replace

    from cerberus.services import protect

    runtime.desk.rules = replace(runtime.desk.rules, placement_lifetime=LIFETIME)
    protect.SENDING_PATIENCE = LIFETIME
    for loop in runtime.loops:
        if loop.name == "follow":
            loop.seconds = FOLLOW_SECONDS


def _order(fault: str, method: str, path: str) -> dict[str, object]:
    wanted: dict[str, object] = {"method": method, "path": f"^{re.escape(path)}(\\?|$)"}
    if fault in STATUSES:
        body = f'{{"label":"{STATUSES[fault]}","message":"as ordered"}}'
        told = {} if fault == "503" else {"retry_after": 1}
        return wanted | {"kind": "status", "status": int(fault), "body": body, **told}
    return wanted | {"kind": fault, "milliseconds": int(TIMEOUT_SECONDS * 2000)}


def _environment(var: str, ports: tuple[int, int], is_spot: bool) -> dict[str, str]:
    return {
        "MARKET_TYPE": "spot" if is_spot else "swap",
        "CERBERUS_VAR": var,
        "CERBERUS_SIMULATOR_PORT": str(ports[0]),
        "CERBERUS_API_PORT": str(ports[1]),
        "CERBERUS_VENUE_TIMEOUT_SECONDS": str(TIMEOUT_SECONDS),
        "CERBERUS_RISK_MAX_LOSSES_IN_A_ROW": "1000",
        "CERBERUS_RISK_USD_PER_TRADE": "200",
        "CERBERUS_RISK_COOLDOWN_SECONDS": "0",
    }
