"""`scripts/up` on a fresh clone does the main job, and `scripts/down` leaves nothing."""

import json
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from cerberus.supervisor.orphans import marked_processes
from tests.e2e.scratch import STACK_MARKS, Clone, make_clone
from tests.free_port import free_port

pytestmark = list(STACK_MARKS)
FIRST_START_SECONDS, STOP_SECONDS = 300, 30
#: this holds on a quiet machine, so that only the long version insists on it
NOTHING_SECONDS = 2


@dataclass(frozen=True)
class Started:
    """A clone after its first `scripts/up --detach`."""

    clone: Clone
    output: str
    seconds: float


@pytest.fixture(scope="module")
def started(
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Started]:
    folder = tmp_path_factory.mktemp("stranger")
    empty_home = bool(request.config.getoption("--long"))
    clone = make_clone(folder, empty_home=empty_home)
    begun = time.monotonic()
    answer = clone.run("scripts/up", "--detach")
    try:
        assert answer.returncode == 0, answer.stdout
        yield Started(clone, answer.stdout, time.monotonic() - begun)
    finally:
        clone.run("scripts/down")


def _get(clone: Clone, path: str) -> list[dict[str, object]]:
    body = _call(clone, path, None)[1]
    return next(value for value in body.values() if isinstance(value, list))


def _post(clone: Clone, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
    return _call(clone, path, json.dumps(body or {}).encode())


def _call(clone: Clone, path: str, data: bytes | None) -> tuple[int, dict[str, Any]]:
    token = (clone.var / "secrets" / "api_token").read_text()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(clone.url("API", path), data, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, json.load(answer)


def _supervised(clone: Clone) -> dict[str, dict[str, object]]:
    told = json.loads((clone.var / "data" / "supervisor.json").read_text())
    processes: dict[str, dict[str, object]] = told["processes"]
    return processes


def test_a_fresh_clone_is_ready_with_its_first_trade_in_time(started: Started) -> None:
    assert started.seconds <= FIRST_START_SECONDS
    (trade, *_) = _get(started.clone, "/api/trades")
    assert trade["status"] == "open"


def test_the_first_trades_have_their_stops_and_their_targets_in_place(started: Started) -> None:
    # how many strategies signal depends on the bar that the start meets
    exits = _get(started.clone, "/api/exits")
    for trade in _get(started.clone, "/api/trades"):
        mine = [item for item in exits if item["trade_id"] == trade["trade_id"]]
        assert sorted(str(item["kind"]) for item in mine) == ["stop", "target"]
        assert {item["status"] for item in mine} <= {"resting", "watched"}


def test_the_start_tells_what_it_did_and_where_everything_is(started: Started) -> None:
    for words in ("SUCCESS", "signal", "approved", "fill", "stop", "target", "scripts/down"):
        assert words in started.output
    assert started.clone.url("API", "") in started.output


def test_a_second_start_is_fast_and_changes_nothing(started: Started, is_long: bool) -> None:
    before = len(_get(started.clone, "/api/trades"))

    begun = time.monotonic()
    answer = started.clone.run("scripts/up")

    if is_long:
        assert time.monotonic() - begun < NOTHING_SECONDS
    assert answer.returncode == 0
    assert "nothing was changed" in answer.stdout
    assert len(_get(started.clone, "/api/trades")) == before


def test_a_restart_on_request_is_no_death_and_trading_goes_on(started: Started) -> None:
    clone = started.clone
    before, trades = _supervised(clone)["api"], _get(clone, "/api/trades")
    assert _post(clone, "/api/system/restart") == (202, {"status": "draining"})
    deadline = time.monotonic() + 60
    while (after := _supervised(clone)["api"])["pid"] == before["pid"] or after["state"] != "ready":
        assert time.monotonic() < deadline, after
        time.sleep(0.2)
    assert (after["deaths"], after["last_reason"]) == (before["deaths"], "exit status 0, as asked")
    assert not Path(f"/proc/{before['pid']}").exists()
    assert [one["trade_id"] for one in _get(clone, "/api/trades")] == [
        one["trade_id"] for one in trades
    ]
    told = clone.run(".venv/bin/cerberus", "status").stdout
    assert told.startswith("healthy, paper mode")
    assert "entries allowed" in told
    body = {"signal": {"symbol": "ETHUSDT", "side": "buy"}}
    status, decided = _post(clone, "/api/risk/assess", body)
    checks = {str(one["name"]): one["passed"] for one in decided["checks"]}
    assert (status, checks["entry_block"], checks["unknown_order"]) == (200, True, True)
    assert {one["status"] for one in _get(clone, "/api/exits")} <= {"resting", "watched"}


def test_the_health_check_and_the_smoke_test_find_nothing_wrong(started: Started) -> None:
    health = started.clone.run("scripts/health-check.sh", "-v")
    smoke = started.clone.run("scripts/smoke_test.sh")

    assert (health.returncode, smoke.returncode) == (0, 0), health.stdout + smoke.stdout
    assert health.stdout.endswith("healthy\n")
    assert smoke.stdout.endswith(" passed, 0 failed\n")


def test_no_secret_is_readable_by_others(started: Started) -> None:
    for path in (started.clone.var / "secrets").iterdir():
        assert path.stat().st_mode & 0o077 == 0


def test_a_stack_stops_in_time_and_starts_again(started: Started, tmp_path: Path) -> None:
    ports = {
        f"CERBERUS_{name}_PORT": str(free_port())
        for name in ("API", "ENGINE", "ENGINE_GRPC", "SIMULATOR")
    }
    own = {**started.clone.environment, **ports, "CERBERUS_VAR": str(tmp_path / "var")}
    clone = replace(started.clone, environment=own)
    try:
        assert clone.run("scripts/up", "--detach").returncode == 0
        _stop_in_time(clone)
        assert clone.run("scripts/up", "--detach").returncode == 0
    finally:
        _stop_in_time(clone)
    assert "nothing was running" in clone.run("scripts/down").stdout


def _stop_in_time(clone: Clone) -> None:
    begun = time.monotonic()
    answer = clone.run("scripts/down")
    assert time.monotonic() - begun <= STOP_SECONDS
    assert answer.returncode == 0
    assert marked_processes(clone.var) == []
