"""What the benchmarks of Kestra count: types that ran, dates, and reads beside streams."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime

import requests

from tests.engine_process import EngineProcess
from tests.integration.engine.clock_changes import ALL, engine_dates
from tests.integration.engine.task_types import CASES
from tests.integration.engine.task_types_run import import_all, outcome, serving

#: an execution that waits while its followers do
WAITING = """\
id: waiting
namespace: bench
tasks: [{id: wait, type: io.kestra.plugin.core.flow.Pause}]
"""


def types_that_ran(running: EngineProcess) -> list[str]:
    """Return the core types whose flow was imported, ran, and left what it has to."""
    with serving() as server:
        import_all(running, server)
        return [kind for kind in CASES if outcome(running, kind) == CASES[kind].outcome]


def wrong_dates(running: EngineProcess) -> tuple[int, int]:
    """Return how many dates were missed, doubled or made up, and how many there had to be."""
    found = engine_dates(running)
    wrong = sum(len(_differing(found[each], each.right_dates())) for each in ALL)
    return wrong, sum(len(each.right_dates()) for each in ALL)


def reads_beside_streams(running: EngineProcess, streams: int, reads: int) -> list[float]:
    """Return how long plain reads took while so many event streams were open."""
    running.create_flow(WAITING)
    id_ = str(running.run("bench/waiting", wait=False)["id"])
    running.wait_for_state(id_, "PAUSED")
    url = running.api(f"executions/{id_}")
    with ExitStack() as opened:
        pool = opened.enter_context(ThreadPoolExecutor(20))
        held = list(pool.map(lambda _: _follow(running, url), range(streams)))
        for each in held:
            opened.enter_context(each)
        times = []
        for _ in range(reads):
            began = time.perf_counter()
            assert running.session.get(url, timeout=30).ok
            times.append(time.perf_counter() - began)
    assert running.session.delete(url + "/kill", timeout=30).ok
    return times


def _follow(running: EngineProcess, url: str) -> requests.Response:
    answer = requests.get(url + "/follow", auth=running.session.auth, stream=True, timeout=30)
    assert answer.ok, answer.text
    # open means that its first event has come
    next(answer.iter_lines())
    return answer


def _differing(found: list[datetime], right: list[datetime]) -> list[datetime]:
    ran, due = Counter(found), Counter(right)
    return [*(ran - due).elements(), *(due - ran).elements()]
