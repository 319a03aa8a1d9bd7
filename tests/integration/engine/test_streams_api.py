"""Server-sent events: executions, their logs, and those that they set off."""

import asyncio
import base64
import time
from typing import Any

import pytest

from tests.engine_process import EngineProcess
from tests.integration.engine.action_flows import LEAVING, LIMITED, PARENT
from tests.integration.engine.flows import HELLO

FOLLOWERS = 200
SPACE = "t.follow"


@pytest.fixture(scope="module", autouse=True)
def flows(engine: EngineProcess) -> None:
    hello = HELLO.replace("namespace: t", "namespace: t.act", 1)
    quick = hello.replace("id: hello", "id: limited", 1)
    for source in (hello, LEAVING, quick, PARENT):
        engine.create_flow(source.replace("t.act", SPACE))
    engine.create_flow(LIMITED.replace("t.act", f"{SPACE}.slow"))


@pytest.mark.kestrapy(
    "executions.create_execution",
    "executions.execution",
    "executions.follow_execution",
    "logs.follow_logs_from_execution",
)
def test_a_stream_ends_with_the_end(kestra: Any) -> None:
    begun = kestra.executions.create_execution("main", SPACE, "leaving")
    states = [
        each.state.current.value for each in kestra.executions.follow_execution(begun.id, "main")
    ]
    assert states[-1] == "SUCCESS"
    assert kestra.executions.execution(begun.id, "main").state.current.value == "SUCCESS"
    # once more, when all is over; the queue may still tell the end that the look had seen already
    again = list(kestra.executions.follow_execution(begun.id, "main"))
    assert {each.state.current.value for each in again} == {"SUCCESS"}
    for _ in range(2):
        lines = [each.message for each in kestra.logs.follow_logs_from_execution(begun.id, "main")]
        assert sorted(lines) == ["one", "two"]


def test_each_log_line_comes_once_while_it_runs(kestra: Any) -> None:
    for _ in range(3):
        begun = kestra.executions.create_execution("main", SPACE, "leaving")
        lines = [each.message for each in kestra.logs.follow_logs_from_execution(begun.id, "main")]
        assert sorted(lines) == ["one", "two"]
        errors = kestra.logs.follow_logs_from_execution(begun.id, "main", min_level="ERROR")
        assert list(errors) == []


@pytest.mark.kestrapy(
    "executions.follow_dependencies_execution",
    "executions.follow_execution_raw",
    "executions.follow_dependencies_execution_raw",
)
def test_dependencies_are_followed_until_all_have_ended(kestra: Any) -> None:
    begun = kestra.executions.create_execution("main", SPACE, "parent", wait=True)
    events = list(kestra.executions.follow_dependencies_execution(begun.id, "main"))
    assert {each.flow_id for each in events} == {"parent", "limited"}
    for method in ("follow_execution_raw", "follow_dependencies_execution_raw"):
        answer = getattr(kestra.executions, method)(begun.id, "main")
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.text.count("data:") >= 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("executions/none/follow", 404),
        ("logs/none/follow", 404),
        ("executions/none/follow-dependencies", 404),
    ],
)
def test_nobody_follows_what_is_not_there(engine: EngineProcess, path: str, status: int) -> None:
    assert engine.session.get(engine.api(path), timeout=30).status_code == status


def test_a_level_that_does_not_exist_is_refused(engine: EngineProcess) -> None:
    id_ = engine.run(f"{SPACE}/hello")["id"]
    url = engine.api(f"logs/{id_}/follow?minLevel=LOUD")
    assert engine.session.get(url, timeout=30).status_code == 422


async def follow(engine: EngineProcess, path: str) -> bytes:
    username, password = engine.session.auth  # type: ignore[misc]  # set as a pair at the start
    pair = base64.b64encode(f"{username}:{password}".encode()).decode()
    reader, writer = await asyncio.open_connection("127.0.0.1", engine.port)
    lines = (
        f"GET /api/v1/main/{path} HTTP/1.1",
        "Host: x",
        "Connection: close",
        f"Authorization: Basic {pair}",
    )
    writer.write("\r\n".join([*lines, "", ""]).encode())
    try:
        return await reader.read()
    finally:
        writer.close()


def reads(engine: EngineProcess, id_: str) -> list[float]:
    took = []
    for _ in range(30):
        began = time.perf_counter()
        assert engine.session.get(engine.api(f"executions/{id_}"), timeout=30).ok
        took.append(time.perf_counter() - began)
        time.sleep(0.02)
    return sorted(took)


async def test_two_hundred_followers_leave_reads_quick(engine: EngineProcess) -> None:
    id_ = str(engine.run(f"{SPACE}.slow/limited", wait=False)["id"])
    engine.wait_for_state(id_, "RUNNING")
    paths = [f"{kind}/{id_}/follow" for kind in ("executions", "logs")] * (FOLLOWERS // 2)
    followers = [asyncio.create_task(follow(engine, path)) for path in paths]
    await asyncio.sleep(2)
    assert not any(each.done() for each in followers)
    took = await asyncio.to_thread(reads, engine, id_)
    engine.session.delete(engine.api(f"executions/{id_}/actions/kill"), timeout=30)
    async with asyncio.timeout(60):
        ended = await asyncio.gather(*followers)
    assert all(b'"current":"KILLED"' in body for body in ended[::2])
    # a plain read takes 5 ms alone; other work on this machine may come between
    assert took[len(took) // 2] < 0.1, took
