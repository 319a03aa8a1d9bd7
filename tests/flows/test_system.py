"""System management on the real engine: each operation, a person's approval, and failures."""

import uuid
from collections.abc import Iterator

import pytest

from tests.flows.few_answers import Alone, told_people
from tests.flows.pipeline import Shown, Stack, signal

pytestmark = [pytest.mark.engine, pytest.mark.stack, pytest.mark.xdist_group("flows")]

FLOW = "cerberus.system/cerberus-system-management"


@pytest.fixture
def running(flat: Stack) -> Iterator[Stack]:
    """The stack, with entries let through before and after."""
    yield flat
    flat.api.post("/api/system/maintenance", {"on": False, "reason": "the test is over"})
    if not flat.api.get("/health")[1]["entries_allowed"]:
        code = flat.api.post("/api/system/release")[1]["confirmation"]
        assert flat.api.post("/api/system/release", {"confirmation": code})[0] == 200


def ask_release(stack: Stack, approved: str) -> Shown:
    """Start a release, let a person answer, and return the ended execution."""
    engine = stack.engine
    id_ = str(engine.run(FLOW, wait=False, operation="release")["id"])
    engine.wait_for_state(id_, "PAUSED")
    path = engine.api(f"executions/{id_}/actions/resume")
    answer = engine.session.post(path, files={"approved": (None, approved)}, timeout=30)
    assert answer.ok, answer.text
    engine.wait_for_state(id_, "SUCCESS", "FAILED")
    return engine.execution(id_)


def table_of(stack: Stack, drill: Shown) -> str:
    """Return the table that a drill has written to its log."""
    lines = stack.engine.messages(drill["id"], containing="outcome")
    return next(line for line in lines if "outcome" in line and "checksum" in line)


def entries_allowed(stack: Stack) -> bool:
    return bool(stack.api.get("/health")[1]["entries_allowed"])


def test_a_health_check_runs_the_monitoring(running: Stack) -> None:
    execution = running.engine.run(FLOW)

    assert execution["state"]["current"] == "SUCCESS"
    found = running.engine.outputs(execution["id"])
    assert (found["entries_allowed"], found["health"]) == (True, "healthy")


def test_maintenance_holds_entries_back_and_lets_them_through_again(running: Stack) -> None:
    execution = running.engine.run(FLOW, operation="maintenance", reason="new disk")

    assert running.engine.outputs(execution["id"])["entries_allowed"] is False
    assert running.api.get("/health")[1]["blocked_by"] == ["maintenance: new disk"]

    running.engine.run(FLOW, operation="maintenance", maintenance="off")

    assert entries_allowed(running)


def test_a_maintenance_window_has_an_end(running: Stack) -> None:
    execution = running.engine.run(
        FLOW, operation="maintenance", maintenance="window", window_minutes="45", reason="new disk"
    )

    assert running.engine.outputs(execution["id"])["entries_allowed"] is False
    (blocked,) = running.api.get("/health")[1]["blocked_by"]
    assert blocked.startswith("maintenance: new disk (until 20")


def test_a_backup_has_the_state_and_the_engine_and_its_drill_holds(running: Stack) -> None:
    told = signal("ETH/USDT:USDT", id=str(uuid.uuid4()))
    assert running.api.post("/api/trades", {"signal": told})[0] == 201
    engines = set((running.engine.var / "backup").glob("engine-*.zip"))

    taken = running.engine.run(FLOW, operation="backup")

    assert taken["state"]["current"] == "SUCCESS", running.tasks(taken)
    name = running.engine.outputs(taken["id"])["backup"]
    assert (running.api.var / "backup" / name).is_file()
    assert len(set((running.engine.var / "backup").glob("engine-*.zip")) - engines) == 1

    drill = running.engine.run(FLOW, operation="restore_drill")

    assert drill["state"]["current"] == "SUCCESS", running.tasks(drill)
    assert running.engine.outputs(drill["id"])["backup"] == name
    table = table_of(running, drill)
    assert name in table
    assert "DOES NOT HOLD" not in table


def test_a_backup_that_does_not_hold_fails_its_drill_and_calls_people(running: Stack) -> None:
    taken = running.engine.run(FLOW, operation="backup")
    name = running.engine.outputs(taken["id"])["backup"]
    (running.api.var / "backup" / name).write_bytes(b"torn")

    drill = running.engine.run(FLOW, operation="restore_drill", backup_file=name)

    assert drill["state"]["current"] == "FAILED"
    lines = table_of(running, drill).splitlines()
    wrong = [line.split()[0] for line in lines if "DOES NOT HOLD" in line]
    assert wrong == ["checksum", "integrity"]
    (told,) = told_people(running.engine, drill)
    assert (told["level"], told["title"]) == (
        "CRITICAL",
        "system operation failed: restore_drill",
    )
    (running.api.var / "backup" / name).unlink()


def test_a_backup_that_the_api_cannot_take_calls_people(alone: Alone) -> None:
    engine, api = alone
    api.reset()
    api.told = {"/api/system/backup": (500, {})}

    execution = engine.run(FLOW, operation="backup")

    assert execution["state"]["current"] == "FAILED"
    keys = {key for key, _ in api.asked_for("/api/system/backup")}
    assert keys == {f"{execution['id']}-back_up_state"}
    (told,) = told_people(engine, execution)
    assert "back_up_state" in told["message"]


def test_a_stop_closes_everything_and_is_released_only_when_a_person_approves(
    running: Stack,
) -> None:
    told = signal("ETH/USDT:USDT", id=str(uuid.uuid4()))
    assert running.api.post("/api/trades", {"signal": told})[0] == 201

    stopped = running.engine.run(FLOW, operation="emergency_stop")

    assert stopped["state"]["current"] == "SUCCESS"
    assert running.api.get("/api/positions?open_only=true")[1]["total"] == 0
    assert not entries_allowed(running)

    refused = ask_release(running, "false")

    assert refused["state"]["current"] == "SUCCESS"
    assert "confirm_release" not in running.tasks(refused)
    assert not entries_allowed(running)

    released = ask_release(running, "true")

    assert released["state"]["current"] == "SUCCESS"
    assert entries_allowed(running)
    (sent,) = told_people(running.engine, released)
    assert sent["level"] == "WARNING"
    assert f"resume execution {released['id']}" in sent["message"]


def test_a_restart_waits_until_the_new_api_is_ready(running: Stack) -> None:
    execution = running.engine.run(FLOW, wait=False, operation="restart")
    process = running.api.process
    assert process is not None

    assert process.wait(60) == 0
    running.api.start()  # as the supervisor does

    running.engine.wait_for_state(execution["id"], "SUCCESS", "FAILED", seconds=90)
    ended = running.engine.execution(execution["id"])
    assert ended["state"]["current"] == "SUCCESS", running.tasks(ended)
    assert running.api.get("/health")[1]["status"] != "unhealthy"


def test_a_stop_that_is_not_taken_calls_people(alone: Alone) -> None:
    engine, api = alone
    api.reset()
    api.told = {
        "/api/positions": (200, {"positions": [], "total": 0}),
        "/api/system/emergency-stop": (500, {}),
    }

    execution = engine.run(FLOW, operation="emergency_stop")

    assert execution["state"]["current"] == "FAILED"
    assert len(api.asked_for("/api/system/emergency-stop")) == 6
    (told,) = told_people(engine, execution)
    assert (told["level"], told["title"]) == (
        "EMERGENCY",
        "system operation failed: emergency_stop",
    )


def test_maintenance_that_is_refused_calls_people(alone: Alone) -> None:
    engine, api = alone
    api.reset()
    api.told = {"/api/system/maintenance": (500, {})}

    execution = engine.run(FLOW, operation="maintenance", maintenance="off", reason="over")

    assert execution["state"]["current"] == "FAILED"
    keys = {key for key, _ in api.asked_for("/api/system/maintenance")}
    assert keys == {f"{execution['id']}-set_maintenance"}
    assert api.asked_for("/api/system/maintenance")[0][1] == {"on": False, "reason": "over"}
    (told,) = told_people(engine, execution)
    assert told["level"] == "CRITICAL"
    assert "set_maintenance" in told["message"]
