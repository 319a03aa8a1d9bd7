import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cerberus.adapters.clock import WallClock
from cerberus.adapters.usage import ProcessUsage
from cerberus.coordination.crew import Crew
from cerberus.coordination.monitor import Monitor
from cerberus.coordination.periodic import Periodic
from cerberus.domain.components import SILENT_SECONDS, Usage
from cerberus.errors import NotFound, Transient
from cerberus.services.alerts.conditions import DESK_NAMES, component_conditions

NOW = datetime(2026, 3, 2, tzinfo=UTC)


class Scene:
    """A crew of one loop whose step the test holds, and a stopwatch that it moves."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.memory = 0.5
        self.began = asyncio.Event()
        self.let_go = asyncio.Event()
        self.crew = Crew()
        self.loop = Periodic("follow", 1.0, self._step, WallClock())
        self.monitor = Monitor(WallClock(), self._usage, self._stopwatch)
        self.monitor.watch(self.crew)

    async def _step(self) -> None:
        self.began.set()
        await self.let_go.wait()

    def _usage(self) -> Usage:
        return Usage(3.0, 200 * 2**20, self.memory, 9)

    def _stopwatch(self) -> float:
        return self.loop.last_sign + self.ahead


async def test_a_step_that_hangs_is_begun_anew_after_two_minutes_and_told() -> None:
    scene = Scene()
    scene.crew.start([scene.loop])
    await scene.began.wait()
    scene.ahead = SILENT_SECONDS + 1
    await scene.monitor.step()
    assert scene.crew.restarts["follow"] == 0
    scene.began.clear()
    scene.ahead = SILENT_SECONDS + 1.5
    await scene.monitor.step()
    scene.ahead = 0
    await scene.began.wait()
    assert scene.crew.restarts["follow"] == 1
    [told] = component_conditions(scene.monitor.problems())
    assert (told.name, told.subject) == ("component_silent", "follow")
    assert "no sign of life for 122 s, limit 120 s" in told.message
    scene.let_go.set()
    await scene.crew.stop()


async def test_a_part_that_waits_for_its_next_turn_is_not_silent() -> None:
    scene = Scene()
    scene.loop.seconds = 3600
    scene.let_go.set()
    scene.crew.start([scene.loop])
    await scene.began.wait()
    scene.ahead = 3600
    await scene.monitor.step()
    assert scene.monitor.problems() == {}
    assert scene.crew.restarts["follow"] == 0
    await scene.crew.stop()


@pytest.mark.parametrize(("errors", "is_told"), [(9, False), (10, True)])
async def test_ten_errors_within_a_minute_are_told(errors: int, is_told: bool) -> None:
    async def fail() -> None:
        raise Transient("the venue is away")

    crew, failing = Crew(), Periodic("follow", 3600, fail, WallClock())
    monitor = Monitor(WallClock(), ProcessUsage())
    monitor.watch(crew)
    crew.start([failing])
    await asyncio.sleep(0)
    for _ in range(errors - 1):
        await failing.once()
    found = monitor.problems()
    assert (("component_errors", "follow") in found) is is_told
    if is_told:
        told = "10 errors in a minute, limit 10: Transient: the venue is away"
        assert found["component_errors", "follow"] == told
    await crew.stop()


@pytest.mark.parametrize(("ratio", "is_told"), [(0.89, False), (0.9, True)])
async def test_memory_is_told_from_nine_tenths_on(ratio: float, is_told: bool) -> None:
    scene = Scene()
    scene.memory = ratio
    await scene.monitor.step()
    assert (("memory_high", "memory") in scene.monitor.problems()) is is_told


async def test_every_problem_has_an_alert_that_the_watcher_ends() -> None:
    scene = Scene()
    scene.memory = 0.95
    await scene.monitor.step()
    conditions = list(component_conditions(scene.monitor.problems()))
    assert {one.name for one in conditions} <= DESK_NAMES


async def test_only_what_is_known_can_be_begun_anew() -> None:
    scene = Scene()
    scene.let_go.set()
    scene.crew.start([scene.loop])
    scene.monitor.begin_anew("follow")
    assert scene.crew.restarts["follow"] == 1
    with pytest.raises(NotFound, match="component elsewhere is not known"):
        scene.monitor.begin_anew("elsewhere")
    await scene.crew.stop()


def test_a_container_limit_below_the_machine_counts_without_droppable_files(
    tmp_path: Path,
) -> None:
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("950\n")
    (tmp_path / "memory.stat").write_text("anon 700\ninactive_file 50\n")
    assert ProcessUsage(tmp_path)().memory_used_ratio == pytest.approx(0.9)
    (tmp_path / "memory.max").write_text("max\n")
    used = ProcessUsage(tmp_path)()
    assert 0 < used.memory_used_ratio < 1
    assert used.resident_bytes > 2**20
