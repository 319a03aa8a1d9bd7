"""The engine is killed in the middle of each flow that acts, and begun again."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest
import requests

from tests.integration.alerts import vendor_rules, vendors
from tests.integration.alerts.vendors import Vendor
from tests.invariants import broken_invariants
from tests.whole_stack import WholeStack, whole_stack

pytestmark = [
    pytest.mark.long,
    pytest.mark.stack,
    pytest.mark.engine,
    pytest.mark.xdist_group("kill_flows"),
    pytest.mark.timeout(1800),
]

Result = TypeVar("Result")

#: a loaded machine is no failure
PATIENCE_SECONDS = 300
#: as the kernel names a socket that waits for connections, whose queue is a count of them
LISTENING = "0A"
#: alerts that are told at once
MANY = 3
POSITIONS = "cerberus.positions/cerberus-position-management"
SYSTEM = "cerberus.system/cerberus-system-management"
ALERTING = "cerberus.alerting/cerberus-advanced-alerting"
ALERT = {"resolved": False, "name": "external", "level": "WARNING", "message": "m", "source": "s"}


@dataclass(frozen=True)
class Kill:
    """A flow, and how many of its requests wait at a hanging API when the engine dies.

    The API hangs from the flow's beginning, or from a task on.
    """

    flow: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    hangs_from: str = ""
    requests: int = 1


KILLS = {
    "close_all": Kill(POSITIONS, {"action": "close_all"}, hangs_from="choose_positions"),
    # the first request only looks, and is given up after three seconds
    "emergency_close": Kill(POSITIONS, {"action": "emergency_close"}, requests=2),
    "emergency_stop": Kill(SYSTEM, {"operation": "emergency_stop"}, requests=2),
    "maintenance": Kill(SYSTEM, {"operation": "maintenance"}),
    "backup": Kill(SYSTEM, {"operation": "backup"}),
    "restore_drill": Kill(SYSTEM, {"operation": "restore_drill"}),
    "analytics": Kill("cerberus.analytics/cerberus-analytics"),
    "parity": Kill("cerberus.analytics/cerberus-parity"),
    "reconciliation": Kill("cerberus.system/cerberus-reconciliation"),
    "monitoring": Kill("cerberus.monitoring/cerberus-monitoring"),
    "advanced_alerting": Kill(ALERTING),
}


@dataclass
class Watched:
    """A stack, and the phone on which its people hear of it."""

    stack: WholeStack
    phone: Vendor

    def texts(self) -> list[str]:
        """Return every message that has reached the phone."""
        return [str(one.get("text", one.get("caption"))) for one in self.phone.taken]

    def alerts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.stack.api.get("/api/alerts?limit=500")[1]["alerts"]
        return found

    def told_of(self, execution: str) -> list[dict[str, Any]]:
        """Return the alerts that an execution failed."""
        return [
            one
            for one in self.alerts()
            if one["name"] == "flow" and execution in one["source"] + one["message"]
        ]

    def running(self) -> list[str]:
        """Return the executions that are not over."""
        query = {"size": "500"}
        path = self.stack.engine.api("executions/search")
        found = self.stack.engine.session.get(path, params=query, timeout=30).json()["results"]
        over = ("SUCCESS", "FAILED", "WARNING", "KILLED", "CANCELLED")
        return [one["id"] for one in found if one["state"]["current"] not in over]

    def is_looked_at(self, execution: str) -> bool:
        """Whether the flow that tells of failures has looked at an execution."""
        query = {"filters[flowId][EQUALS]": "cerberus-failure-alert", "size": "500"}
        path = self.stack.engine.api("executions/search")
        found = self.stack.engine.session.get(path, params=query, timeout=30).json()["results"]
        triggered = (one.get("trigger", {}).get("variables", {}) for one in found)
        return any(one.get("executionId") == execution for one in triggered)

    def settle(self) -> None:
        """Wait until nothing runs, nothing waits to be told, and books and venue agree."""
        until(lambda: not self.running())
        until(lambda: self.stack.api.get("/metrics")[1]["cerberus_alerts_queued_count"] == 0)
        until(lambda: broken_invariants(self.stack.simulator, self.stack.api) == [])

    def open_up(self) -> None:
        """Let entries through again, whatever has stopped them."""
        self.stack.api.post("/api/system/maintenance", {"on": False})
        status, told = self.stack.api.post("/api/system/release")
        if status == 200:
            body = {"confirmation": told["confirmation"]}
            assert self.stack.api.post("/api/system/release", body)[0] == 200
        until(lambda: self.stack.api.get("/health")[1]["entries_allowed"])


def until(look: Callable[[], Result], seconds: float = PATIENCE_SECONDS) -> Result:
    limit = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < limit, f"not reached within {seconds} s"
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("killed")
    with vendors.vendor("telegram") as phone:
        rules = folder / "alerts.yaml"
        # no limits: every alert is a message of its own, so that one that is told twice is seen
        rules.write_text(vendor_rules.ALL_TO_TELEGRAM.format(url=phone.url))
        variables = {
            "CERBERUS_ALERTS_FILE": str(rules),
            "CERBERUS_ALERTS_POLL_SECONDS": "0.1",
            "BOT_TOKEN": vendor_rules.BOT_TOKEN,
            "BOT_CHAT": vendor_rules.CHAT,
        }
        with whole_stack(folder / "var", **variables) as stack:
            yield Watched(stack, phone)


@pytest.fixture(autouse=True)
def _flat(watched: Watched) -> None:
    """Hold nothing and let entries through, whatever the test before has left."""
    engine = watched.stack.engine.process
    if engine is None or engine.poll() is not None:
        begin_again(watched.stack)
    watched.open_up()
    watched.stack.close_positions()
    watched.settle()


def begin_again(stack: WholeStack) -> None:
    """Start the engine after its kill; a loaded machine takes long."""
    stack.engine.start(wait=False)

    def is_ready() -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"{stack.engine.url}/health", timeout=5).ok
        return False

    until(is_ready, 2 * PATIENCE_SECONDS)


@contextmanager
def hanging(pid: int) -> Iterator[None]:
    """Let a process hang: what it was asked it does afterwards, for whoever is left."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("kill", KILLS.values(), ids=KILLS)
def test_a_kill_of_the_engine_leaves_nothing_half_done_and_tells_nothing_twice(
    watched: Watched, kill: Kill, request: pytest.FixtureRequest
) -> None:
    stack, name = watched.stack, request.node.callspec.id
    held = [enter(stack, symbol) for symbol in ("BTC_USDT", "ETH_USDT")]
    inputs, before = inputs_of(kill, name), len(watched.texts())

    killed = kill_within(stack, kill, inputs)
    begin_again(stack)
    ended = stack.ended(killed, PATIENCE_SECONDS)
    if ended == "FAILED":
        # it is told by the execution itself, and passed over there
        until(lambda: watched.is_looked_at(killed))
    watched.settle()
    # once more, from its beginning to its end: nothing is left locked, and nothing is in its way
    again = stack.engine.run(kill.flow, wait=True, **inputs)
    watched.settle()

    assert again["state"]["current"] == "SUCCESS", again
    assert [whole(stack, trade) for trade in held] == ["", ""]
    texts = watched.texts()[before:]
    assert len(texts) == len(set(texts)), texts
    assert watched.told_of(again["id"]) == []
    # one that a retry has brought to a good end may have been told as failed in between
    assert len(watched.told_of(killed)) in ((1,) if ended == "FAILED" else (0, 1))
    outside = [one for one in watched.alerts() if one["name"] == "external"]
    counts = [one["count"] for one in outside if one["title"].startswith(name)]
    assert counts == ([1] * MANY if kill.flow == ALERTING else [])


def enter(stack: WholeStack, symbol: str) -> str:
    """Hold a symbol and return its trade."""
    told = {"symbol": symbol, "side": "buy", "id": f"held-{symbol}-{time.monotonic_ns()}"}
    status, trade = stack.api.post("/api/trades", {"signal": told})
    assert status == 201, trade
    found = stack.api.wait_for_trade(trade["trade_id"], lambda one: bool(one["protected"]), 60)
    assert found["protected"], found
    return str(found["trade_id"])


def whole(stack: WholeStack, trade_id: str) -> str:
    """Return what is half-done of a trade: closed once and in full, or open and protected."""
    trade = stack.api.get(f"/api/trades/{trade_id}")[1]
    entered = Decimal(trade["filled_quantity"])
    left = [one for one in trade["fills"] if one["side"] != trade["side"]]
    closed = sum((Decimal(one["quantity"]) for one in left), Decimal(0))
    if trade["status"] == "closed":
        return "" if closed == entered else f"{closed} of {entered} are closed"
    is_whole = trade["status"] == "open" and trade["protected"] and closed == 0
    return "" if is_whole else f"{trade['status']}, {closed} of {entered} are closed"


def inputs_of(kill: Kill, name: str) -> dict[str, str]:
    """Return a flow's inputs; alerts have the same ids when they are told again."""
    if kill.flow != ALERTING:
        return dict(kill.inputs)
    alerts = [
        ALERT | {"title": f"{name} {number}", "fingerprint": f"{name}-{number}"}
        for number in range(MANY)
    ]
    return {"alerts": json.dumps(alerts), "alert_id": f"outside-{name}"}


def kill_within(stack: WholeStack, kill: Kill, inputs: Mapping[str, str]) -> str:
    """Start a flow and kill the engine while its requests wait at the API, which does them then."""
    engine, api = stack.engine, stack.api
    assert api.process is not None
    seen: set[str] = set()

    def has_asked() -> bool:
        # one that is given up is gone from the list
        seen.update(unread_requests(api.port))
        return len(seen) >= kill.requests

    if not kill.hangs_from:
        with hanging(api.process.pid):
            execution = str(engine.run(kill.flow, wait=False, **inputs)["id"])
            until(has_asked)
            engine.kill()
        return execution
    execution = str(engine.run(kill.flow, wait=False, **inputs)["id"])
    until(lambda: has_begun(stack, execution, kill.hangs_from))
    with hanging(api.process.pid):
        until(has_asked)
        engine.kill()
    return execution


def has_begun(stack: WholeStack, execution: str, task: str) -> bool:
    runs = stack.engine.execution(execution).get("taskRunList") or []
    return any(run["taskId"] == task for run in runs)


def unread_requests(port: int) -> set[str]:
    """Return who has sent to a port what its process has not read."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    found = (line.split()[1:5] for line in lines)
    return {
        remote
        for local, remote, state, queues in found
        if state != LISTENING
        and int(local.rpartition(":")[2], 16) == port
        and int(queues.rpartition(":")[2], 16) > 0
    }
