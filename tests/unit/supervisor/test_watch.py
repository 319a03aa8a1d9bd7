"""What the watch process makes of events and answers, with supervisord faked."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cerberus.errors import Transient
from cerberus.supervisor.control import ProcessInfo
from cerberus.supervisor.decisions import Phase
from cerberus.supervisor.stack import Limits, Program, Stack
from cerberus.supervisor.state import read
from cerberus.supervisor.watch import EAGER_SECONDS, Watch, death_reason

LOG = """\
2026-01-01 00:00:01,000 WARN exited: api (exit status 2; not expected)
2026-01-01 00:00:02,000 INFO exited: engine (exit status 0; expected)
2026-01-01 00:00:03,000 WARN exited: api (terminated by SIGKILL; not expected)
"""


class FakeControl:
    """Remembers what it was asked to do."""

    def __init__(self) -> None:
        self.infos = [ProcessInfo("api", "RUNNING", 7), ProcessInfo("watch", "RUNNING", 8)]
        self.asked: list[str] = []
        self.log: str | None = LOG

    def processes(self) -> list[ProcessInfo]:
        return self.infos

    def stop(self, name: str) -> None:
        self.asked.append(f"stop {name}")

    def signal(self, name: str, signal_name: str) -> None:
        self.asked.append(f"{signal_name} {name}")

    def log_tail(self) -> str:
        if self.log is None:
            raise Transient("supervisord is away")
        return self.log


class Scene:
    """A watch, its fakes, and a clock that is moved by hand."""

    def __init__(self, var: Path, *, restarts_on_request: bool = False) -> None:
        urls = "http://h/ready", "http://h/live"
        program = Program("api", ("true",), 1, *urls, 6, restarts_on_request)
        self.stack = Stack(var, var, (program,), Limits(restart_limit=2))
        self.control = FakeControl()
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.answers = True
        self.asked_urls: list[str] = []
        self.watch = Watch(self.stack, self.control, lambda: self.now, self._ask)

    def look(self, after_seconds: float = 0.0) -> Phase:
        self.now += timedelta(seconds=after_seconds)
        self.watch.look()
        return self.phase

    @property
    def phase(self) -> Phase:
        return self.watch.state.health["api"].phase

    def _ask(self, url: str) -> bool:
        self.asked_urls.append(url)
        return self.answers


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_readiness_is_asked_for_until_it_is_there_and_liveness_from_then_on(scene: Scene) -> None:
    assert scene.watch.seconds_between_rounds == EAGER_SECONDS

    scene.look()
    scene.look()

    assert scene.asked_urls == ["http://h/ready", "http://h/live"]
    assert scene.watch.seconds_between_rounds == scene.stack.limits.probe_seconds


def test_a_silent_process_is_asked_to_end_and_then_killed(scene: Scene) -> None:
    scene.look()
    scene.answers = False
    for _ in range(6):
        scene.look(5)

    assert scene.control.asked == ["TERM api", "KILL api"]


def test_a_death_is_reported_with_its_reason(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.look()
    scene.watch.hear("PROCESS_STATE_EXITED", "api", "RUNNING")

    assert scene.phase is Phase.RESTARTING
    assert (
        'event=restarting process=api pid=7 detail="terminated by SIGKILL; death 1, limit 2"'
        in capsys.readouterr().err
    )


def test_a_death_is_counted_when_its_reason_cannot_be_read(scene: Scene) -> None:
    scene.control.log = None

    scene.watch.hear("PROCESS_STATE_BACKOFF", "api", "STARTING")

    assert "unknown reason" in scene.watch.state.health["api"].last_reason


def test_what_died_too_often_is_stopped_and_told_to_the_api(scene: Scene) -> None:
    for _ in range(3):
        scene.watch.hear("PROCESS_STATE_EXITED", "api", "RUNNING")
    scene.look()

    assert scene.control.asked == ["stop api"]
    written = read(scene.stack.state_file)
    assert written is not None
    assert written.given_up == ["api"]


def test_what_supervisord_gave_up_is_noticed_even_when_its_word_was_lost(scene: Scene) -> None:
    scene.control.infos = [ProcessInfo("api", "FATAL", 0)]

    assert scene.look() is Phase.GIVEN_UP
    assert scene.control.asked == []


def test_a_start_by_hand_brings_back_what_was_given_up(scene: Scene) -> None:
    scene.watch.hear("PROCESS_STATE_FATAL", "api", "BACKOFF")
    scene.watch.hear("PROCESS_STATE_STARTING", "api", "FATAL")

    assert scene.look() is Phase.READY


def test_a_wanted_stop_is_no_death(scene: Scene) -> None:
    scene.look()
    scene.watch.hear("PROCESS_STATE_STOPPED", "api", "STOPPING")

    assert (scene.phase, scene.watch.state.health["api"].deaths) == (Phase.STOPPED, ())


def test_events_of_other_programs_are_ignored(scene: Scene) -> None:
    before = scene.watch.state

    scene.watch.hear("PROCESS_STATE_EXITED", "watch", "RUNNING")

    assert scene.watch.state is before


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("api", "terminated by SIGKILL"),
        ("engine", "exit status 0"),
        ("simulator", "ended for an unknown reason"),
    ],
)
def test_the_reason_of_a_death_is_the_last_one_in_the_log(name: str, reason: str) -> None:
    assert death_reason(LOG, name) == reason


def test_a_program_that_cannot_be_started_at_all_has_a_reason() -> None:
    assert (
        death_reason("INFO spawnerr: can't find command 'x'\n", "api") == "can't find command 'x'"
    )


def test_an_end_that_was_asked_for_is_no_death(tmp_path: Path) -> None:
    scene = Scene(tmp_path, restarts_on_request=True)
    scene.look()
    for _ in range(5):  # the limit is 2
        scene.control.log = "WARN exited: api (exit status 0; not expected)\n"
        scene.watch.hear("PROCESS_STATE_EXITED", "api", "RUNNING")
        assert scene.phase is Phase.RESTARTING
        assert scene.watch.state.health["api"].deaths == ()
        assert scene.watch.state.events[-1].detail == "exit status 0, as asked"
        scene.control.infos = [ProcessInfo("api", "STARTING", scene.control.infos[0].pid + 1)]
        assert scene.look(1) is Phase.READY
    assert scene.control.asked == []


@pytest.mark.parametrize(
    ("is_asked", "reason"), [(False, "exit status 0"), (True, "exit status 1")]
)
def test_any_other_end_is_a_death(tmp_path: Path, is_asked: bool, reason: str) -> None:
    scene = Scene(tmp_path, restarts_on_request=is_asked)
    scene.look()
    scene.control.log = f"INFO exited: api ({reason}; expected)\n"
    scene.watch.hear("PROCESS_STATE_EXITED", "api", "RUNNING")
    assert len(scene.watch.state.health["api"].deaths) == 1


class FakeFlowFiles:
    """An engine that tells of its flow files, or is away."""

    def __init__(self) -> None:
        self.broken: dict[str, str] | None = {}

    def broken_flow_files(self) -> dict[str, str]:
        if self.broken is None:
            raise ConnectionRefusedError
        return self.broken


def test_a_broken_flow_file_is_told_once_and_stands_in_the_file_until_it_is_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = Program("engine", ("true",), 1, "http://h/ready", "http://h/live", 6)
    stack = Stack(tmp_path, tmp_path, (program,), Limits())
    control, files = FakeControl(), FakeFlowFiles()
    control.infos = [ProcessInfo("engine", "RUNNING", 7)]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    watch = Watch(stack, control, lambda: now, lambda _: True, flow_files=files)
    broke = {"a.yaml": "line 2: x"}
    looks: list[dict[str, str] | None] = [{}, broke, broke, None, {}]
    seen = []
    for files.broken in looks:
        watch.look()
        written = read(stack.state_file)
        assert written is not None
        seen.append(written.broken_flow_files)

    assert seen == [{}, broke, broke, broke, {}]
    assert capsys.readouterr().err.count("event=flow_file_broken process=engine") == 1
