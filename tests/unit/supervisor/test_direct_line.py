"""Whoever gives the API up tells people so, until somebody has heard, once each time."""

import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.alert_schemas import AlertIn
from cerberus.supervisor.decisions import Health, Phase
from cerberus.supervisor.direct_line import PAUSE, DirectLine
from cerberus.supervisor.stack import Limits, Stack

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DEAD = Health("api", Phase.GIVEN_UP, NOW, NOW, last_reason="exit status 3")


class FakeProcess:
    """A process that runs until it is told how it ends."""

    def __init__(self) -> None:
        self.code: int | None = None

    def poll(self) -> int | None:
        return self.code


class Line:
    """A direct line whose processes are in the test's hand."""

    def __init__(self, var: Path) -> None:
        (var / "run").mkdir()
        self.started: list[tuple[list[str], dict[str, str], FakeProcess]] = []
        self.line = DirectLine(Stack(var, var, (), Limits()), self._start)

    def _start(self, command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        self.started.append((command, environment, FakeProcess()))
        return self.started[-1][2]  # type: ignore[return-value]  # all that is asked of it

    def look(self, health: Health = DEAD, after: timedelta = timedelta(0)) -> int:
        is_given_up = health.phase is Phase.GIVEN_UP
        self.line.look(health, NOW + after, is_given_up=is_given_up)
        return len(self.started)


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path)


def test_people_are_told_in_the_form_that_the_api_takes(line: Line, tmp_path: Path) -> None:
    line.look()

    ((command, environment, _),) = line.started
    assert command[1:3] == ["-m", "api.tell_directly"]
    assert environment["CERBERUS_VAR"] == str(tmp_path)
    told = AlertIn(**json.loads(Path(command[3]).read_text()))
    assert (told.name, told.level) == ("given_up", "CRITICAL")
    assert "exit status 3" in told.message


@pytest.mark.parametrize("code", [0, 78, None])
def test_what_was_told_or_is_being_told_is_not_told_again(line: Line, code: int | None) -> None:
    line.look()
    line.started[0][2].code = code

    assert line.look(after=PAUSE * 10) == 1


def test_it_is_tried_again_until_somebody_was_told(line: Line) -> None:
    line.look()
    line.started[0][2].code = 1

    assert line.look(after=PAUSE * 0.9) == 1
    assert line.look(after=PAUSE) == 2
    ids = {json.loads(Path(command[3]).read_text())["id"] for command, _, _ in line.started}
    assert len(ids) == 1


def test_a_second_giving_up_is_told_for_itself(line: Line) -> None:
    line.look()
    line.started[0][2].code = 0
    line.look(replace(DEAD, phase=Phase.STARTING), timedelta(minutes=30))
    again = replace(DEAD, since=NOW + timedelta(hours=1))

    assert line.look(again, timedelta(hours=1)) == 2


def test_a_death_that_is_heard_of_late_makes_no_second_alert(line: Line) -> None:
    line.look()

    assert line.look(replace(DEAD, since=NOW + timedelta(seconds=1)), PAUSE) == 1


@pytest.mark.parametrize(
    "health", [replace(DEAD, phase=Phase.RESTARTING), replace(DEAD, name="engine")]
)
def test_of_what_the_api_tells_by_itself_nothing_is_told(line: Line, health: Health) -> None:
    assert line.look(health) == 0
