"""The file that the API and `status` read."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cerberus.supervisor.decisions import Health, Phase
from cerberus.supervisor.stack import Limits
from cerberus.supervisor.state import EVENTS_KEPT, State, read, write

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def _state() -> State:
    health = Health("api", Phase.GIVEN_UP, NOW, NOW, deaths=(NOW,), last_reason="exit status 1")
    state = State(updated_at=NOW, health={"api": health}, pids={"api": 7})
    state = replace(state, broken_flow_files={"a.yaml": "line 3: no tasks"})
    state = replace(state, stuck_schedules={"n.flow.tick": "it is 95 s late"})
    return state.with_event(NOW, "api", "given_up", "exit status 1")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "data" / "supervisor.json"

    write(path, _state(), Limits())

    assert read(path) == _state()
    assert [item.name for item in path.parent.iterdir()] == ["supervisor.json"]


def test_the_file_has_the_documented_shape(tmp_path: Path) -> None:
    path = tmp_path / "supervisor.json"

    write(path, _state(), Limits())

    assert json.loads(path.read_text()) == {
        "version": 1,
        "updated_at": "2026-01-01T12:00:00.000Z",
        "given_up": ["api"],
        "broken_flow_files": {"a.yaml": "line 3: no tasks"},
        "stuck_schedules": {"n.flow.tick": "it is 95 s late"},
        "processes": {
            "api": {
                "state": "given_up",
                "pid": 7,
                "since": "2026-01-01T12:00:00.000Z",
                "answered_at": "2026-01-01T12:00:00.000Z",
                "restarts": 1,
                "deaths": ["2026-01-01T12:00:00.000Z"],
                "last_reason": "exit status 1",
                "given_up": True,
            }
        },
        "events": [
            {
                "number": 1,
                "at": "2026-01-01T12:00:00.000Z",
                "process": "api",
                "event": "given_up",
                "detail": "exit status 1",
            }
        ],
    }


@pytest.mark.parametrize("text", [None, "", "{", "[]", "{}", '{"version": 99}'])
def test_a_file_of_no_use_counts_as_absent(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "supervisor.json"
    if text is not None:
        path.write_text(text)

    assert read(path) is None


def test_only_the_last_events_are_kept_and_their_numbers_go_on() -> None:
    state = State(updated_at=NOW)
    for _ in range(EVENTS_KEPT + 5):
        state = state.with_event(NOW, "api", "ready")

    assert [event.number for event in state.events] == list(range(6, EVENTS_KEPT + 6))
