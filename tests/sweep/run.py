"""Run one case in forked processes: a venue, an API with its client, and what recovers them."""

import atexit
import multiprocessing
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from cerberus import secret_files
from cerberus.adapters.clock import WallClock
from cerberus.adapters.store.migrate import migrate
from tests.free_port import free_port
from tests.sweep import trader, venue
from tests.sweep.invariants import broken
from tests.sweep.points import Case, Point, points_of

CASE_SECONDS = 60
ATTEMPTS = 3
KILLED = -9


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a case; no problems means that every invariant holds."""

    case: Case
    was_killed: bool
    problems: list[str]


def forks() -> ForkServerContext:
    """Return a way to fork processes that have imported everything already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        [
            "api.app",
            "uvicorn",
            "cerberus.bootstrap",
            "cerberus.simulator.__main__",
            "tests.sweep.trader",
            "tests.sweep.warm",
        ]
    )
    return context


def record(context: ForkServerContext, folder: Path, scenario: str) -> list[Point]:
    """Run a scenario without a fault and return its points."""
    calm = Case(scenario, "none", Point("", 0))
    with _venue(context, folder) as port:
        code = _trade(context, folder, port, calm, scenario)
        assert code == 0, _log(folder)
        assert broken(folder, port) == []
    return points_of((folder / "points").read_text().splitlines())


def run(context: ForkServerContext, folder: Path, case: Case, hook: str = "") -> Result:
    """Let a fault strike, recover, and look at what must hold."""
    with _venue(context, folder) as port:
        code = _trade(context, folder, port, case, case.scenario, hook)
        was_killed = code == KILLED
        if was_killed:
            again = replace(case, fault="recovery")
            code = _trade(context, folder, port, again, case.scenario, hook)
        problems = broken(folder, port) if code == 0 else [f"exit {code}: {_log(folder)}"]
    return Result(case, was_killed, problems)


@contextmanager
def _venue(context: ForkServerContext, folder: Path) -> Iterator[int]:
    secret_files.ensure(folder / "secrets")
    (folder / "data").mkdir()
    shutil.copyfile(_empty_store(), folder / "data" / "cerberus.db")
    process, port = _start_venue(context, folder)
    try:
        yield port
    finally:
        _end(process)


@cache
def _empty_store() -> Path:
    """Return a store that is migrated once, and not in each case: a third of an API's start."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    migrate(f"sqlite:///{folder / 'cerberus.db'}", folder, WallClock().now())
    return folder / "cerberus.db"


def _start_venue(context: ForkServerContext, folder: Path) -> tuple[ForkServerProcess, int]:
    """Start the venue; a port that somebody else was faster to take is no fault of ours."""
    for _ in range(ATTEMPTS):
        port = free_port()
        process = context.Process(target=venue.serve, args=(str(folder), port))
        process.start()
        if venue.is_ready(port, process.is_alive):
            return process, port
        _end(process)
    raise AssertionError((folder / "simulator.log").read_text()[-2500:])


def _trade(
    context: ForkServerContext, folder: Path, port: int, case: Case, scenario: str, hook: str = ""
) -> int:
    arguments = (str(folder), port, str(folder / "points"), case, scenario, hook)
    process = context.Process(target=trader.trade, args=arguments)
    process.start()
    process.join(CASE_SECONDS)
    code = process.exitcode
    _end(process)
    return 1 if code is None else code


def _end(process: ForkServerProcess) -> None:
    process.kill()
    process.join(10)
    process.close()


def _log(folder: Path) -> str:
    return (folder / "api.log").read_text()[-2500:]
