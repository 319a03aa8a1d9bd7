"""The harness of `scripts/bench`, over groups made up in a folder of their own."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.harness import Benchmark, Goal, Measurement, percentile, run

ROOT = Path(__file__).resolve().parents[3]
GROUP = """
from bench.harness import Measurement, benchmark

@benchmark(group="{group}", name="{group}_fast", unit="ms", goal="<= 50")
def fast():
    return 12.5

@benchmark(group="{group}", name="{group}_slow", unit="ms", goal="<= 50")
def slow():
    return Measurement(80.0, peer="other", peer_value=40.0, notes={{"runs": 3}})
"""


def _benchmark(value: float | Exception, goal: str | None = "<= 50") -> Benchmark:
    def measure() -> float:
        if isinstance(value, Exception):
            raise value
        return value

    return Benchmark("g", "b", "ms", Goal.parse(goal) if goal else None, measure)


def _run(*benchmarks: Benchmark) -> tuple[bool, list[dict[str, object]]]:
    out = io.StringIO()
    all_hold = run(benchmarks, out, io.StringIO())
    return all_hold, [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("goal", "value", "holds"),
    [
        ("<= 50", 50.0, True),
        ("<= 50", 50.1, False),
        (">= 3", 3.0, True),
        (">= 3", 2.9, False),
        ("== 0", 0.0, True),
        ("== 0", 1.0, False),
        ("<= 50", float("nan"), False),
    ],
)
def test_a_goal_holds_up_to_its_limit(goal: str, value: float, holds: bool) -> None:
    assert Goal.parse(goal).holds(value) is holds


@pytest.mark.parametrize("goal", ["50", "< 50", "<= many", ""])
def test_a_goal_that_cannot_be_read_is_refused(goal: str) -> None:
    with pytest.raises(ValueError, match=r"goal|float"):
        Goal.parse(goal)


def test_a_line_says_name_value_unit_goal_and_whether_it_holds() -> None:
    assert _run(_benchmark(12.5)) == (
        True,
        [{"name": "b", "value": 12.5, "unit": "ms", "goal": "<= 50", "holds": True}],
    )


def test_a_benchmark_without_a_goal_only_informs() -> None:
    all_hold, (line,) = _run(_benchmark(1e9, goal=None))

    assert (all_hold, line["goal"], line["holds"]) == (True, None, True)


def test_a_peer_adds_its_value_and_the_ratio() -> None:
    measured = Measurement(80.0, peer="other", peer_value=40.0)
    _, (line,) = _run(Benchmark("g", "b", "ms", None, lambda: measured))

    assert (line["peer"], line["peer_value"], line["ratio"]) == ("other", 40.0, 2.0)


def test_a_benchmark_that_fails_does_not_hold_and_the_others_still_run() -> None:
    all_hold, lines = _run(_benchmark(RuntimeError("no engine")), _benchmark(1.0))

    assert not all_hold
    assert (lines[0]["holds"], lines[0]["error"]) == (False, "RuntimeError: no engine")
    assert lines[1]["holds"] is True


@pytest.mark.parametrize(("percent", "value"), [(50, 3), (95, 5), (100, 5), (1, 1), (20, 1)])
def test_a_percentile_is_one_of_the_values(percent: float, value: float) -> None:
    assert percentile([5, 1, 4, 2, 3], percent) == value


@pytest.fixture
def groups(tmp_path: Path) -> Path:
    package = tmp_path / "bench"
    package.mkdir()
    for name in ("__init__.py", "__main__.py", "harness.py"):
        (package / name).write_text((ROOT / "bench" / name).read_text())
    (package / "alpha.py").write_text(GROUP.format(group="alpha"))
    (package / "beta.py").write_text("raise ImportError('the peer is not installed')")
    return tmp_path


def _bench(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_group_runs_without_importing_the_others(groups: Path) -> None:
    answer = _bench(groups, "alpha")

    assert answer.returncode == 1
    assert [json.loads(line)["name"] for line in answer.stdout.splitlines()] == [
        "alpha_fast",
        "alpha_slow",
    ]
    assert "alpha/alpha_slow: 80.0 ms, goal <= 50: DOES NOT HOLD" in answer.stderr


def test_one_benchmark_can_be_named_though_another_group_cannot_be_imported(groups: Path) -> None:
    answer = _bench(groups, "alpha_fast")

    assert answer.returncode == 0
    assert [json.loads(line)["name"] for line in answer.stdout.splitlines()] == ["alpha_fast"]
    assert "group beta is left out: the peer is not installed" in answer.stderr


def test_an_unknown_name_is_answered_with_the_list(groups: Path) -> None:
    (groups / "bench" / "beta.py").unlink()

    answer = _bench(groups, "gamma")

    assert answer.returncode == 2
    assert "nothing is called gamma" in answer.stderr
    assert "alpha_slow" in answer.stderr


def test_the_list_names_unit_and_goal(groups: Path) -> None:
    (groups / "bench" / "beta.py").write_text("")

    answer = _bench(groups, "--list")

    assert answer.returncode == 0
    assert answer.stdout.splitlines()[0].split() == ["alpha", "alpha_fast", "ms", "<=", "50"]
