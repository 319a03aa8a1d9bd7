"""Every fault at every call and every commit, from signal to exit; a seeded sample by default."""

from collections.abc import Callable, Iterator
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from tests.sweep.points import Case, Point, cases_of, sample
from tests.sweep.run import Result, run
from tests.sweep.scenarios import ALL

SEED = 20
SAMPLE = 10
#: a scenario's cases are spread over so many tests, so that two cores share them
PARTS = 4

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500)]
Points = Callable[[str], list[Point]]


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("scenario", ALL)
def test_a_fault_loses_doubles_and_bares_nothing(
    context: ForkServerContext,
    points: Points,
    tmp_path: Path,
    scenario: str,
    part: int,
    is_swept: bool,
) -> None:
    cases = cases_of(scenario, points(scenario))
    chosen = cases if is_swept else sample(cases, SAMPLE, SEED)
    mine = chosen[part::PARTS]
    results = list(_results(context, tmp_path, mine))
    killed = sum(result.was_killed for result in results)
    failed = [result for result in results if result.problems]
    print(f"{scenario} {part + 1}/{PARTS}: {len(points(scenario))} points, {len(cases)} cases,")
    print(f"  run {len(results)}, killed {killed}, failed {len(failed)}")
    assert not failed, "\n".join(f"{one.case}: {one.problems}" for one in failed)


@pytest.mark.parametrize(
    ("defect", "scenario", "fault", "name", "occurrence"),
    [
        ("resend_on_timeout", "perpetual_target", "timeout_after", "POST orders", 1),
        ("intent_after_send", "perpetual_target", "kill_after", "POST orders", 1),
        ("reservation_released_at_acceptance", "limit_cancel", "kill_after", "commit", 3),
        ("no_start_up_recovery", "perpetual_target", "kill_after", "POST orders", 1),
        ("exits_after_fill_only", "perpetual_target", "kill_after", "commit", 3),
    ],
)
def test_the_sweep_notices_a_seeded_defect(
    context: ForkServerContext,
    tmp_path: Path,
    defect: str,
    scenario: str,
    fault: str,
    name: str,
    occurrence: int,
) -> None:
    where = name.replace("POST ", "POST /api/v4/futures/usdt/")
    case = Case(scenario, fault, Point(where, occurrence))
    assert run(context, tmp_path / "sound", case).problems == []
    assert run(context, tmp_path / "spoiled", case, defect).problems != []


def _results(context: ForkServerContext, folder: Path, cases: list[Case]) -> Iterator[Result]:
    for number, case in enumerate(cases):
        yield run(context, folder / str(number), case)
