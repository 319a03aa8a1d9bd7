"""Followers of event streams: each gets its own events, and none outstays its welcome."""

import asyncio
import queue
from collections.abc import AsyncIterator, Iterator

import pytest
from fastapi import HTTPException

from cerberus.engine.api import streams
from cerberus.engine.api.paths import current
from cerberus.engine.api.streams import Followers, next_event
from cerberus.engine.api.threads import JavaThreads
from cerberus.engine.kestra.streams import Event


class FakeStreams:
    """Stands for the engine: what is put in comes out."""

    def __init__(self) -> None:
        self.coming: queue.Queue[Event] = queue.Queue()
        self.closed: list[int] = []

    def close(self, stream: int) -> None:
        self.closed.append(stream)

    def take(self, seconds: float) -> Iterator[Event]:
        try:
            yield self.coming.get(timeout=min(seconds, 0.05))
        except queue.Empty:
            return


@pytest.fixture
def engine() -> FakeStreams:
    return FakeStreams()


@pytest.fixture
async def followers(engine: FakeStreams) -> AsyncIterator[Followers]:
    made = Followers(engine, JavaThreads())  # type: ignore[arg-type]  # the same calls
    yield made
    made.stop()


async def test_each_follower_gets_its_own_events(engine: FakeStreams, followers: Followers) -> None:
    opened: list[int] = []
    async with (
        followers.following(opened.append) as (first, events),
        followers.following(opened.append) as (second, others),
    ):
        assert opened == [*first, *second]
        engine.coming.put(Event(second[0], "progress", "two", is_last=False))
        engine.coming.put(Event(first[0], "progress", "one", is_last=False))
        engine.coming.put(Event(99, "progress", "nobody's", is_last=False))
        got = await next_event(events, 5), await next_event(others, 5)
        assert [each.text for each in got if each] == ["one", "two"]
        assert await next_event(events, 0.01) is None
    assert sorted(engine.closed) == sorted(opened)


async def test_a_follower_that_goes_away_is_forgotten(
    engine: FakeStreams, followers: Followers
) -> None:
    async def follow() -> None:
        async with followers.following(lambda _: None) as (_, events):
            await next_event(events, 60)

    task = asyncio.create_task(follow())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(engine.closed) == 1


async def test_a_stream_that_does_not_open_is_closed(
    engine: FakeStreams, followers: Followers
) -> None:
    def refuse(_: int) -> None:
        raise LookupError("gone")

    with pytest.raises(LookupError):
        async with followers.following(refuse):
            pass
    assert len(engine.closed) == 1


async def test_a_follower_that_does_not_read_is_let_go(
    engine: FakeStreams, followers: Followers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LARGEST_BACKLOG", 3)
    async with followers.following(lambda _: None) as (numbers, events):
        for at in range(6):
            engine.coming.put(Event(numbers[0], "progress", str(at), is_last=False))
        got = []
        while (event := await next_event(events, 0.5)) is not None:
            got.append(event)
            await asyncio.sleep(0.1 if len(got) == 1 else 0)
        assert got[-1].is_last
        assert len(got) <= 5


async def test_one_follower_too_many_is_refused(
    followers: Followers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LARGEST_NUMBER", 1)
    followers.require_room()
    async with followers.following(lambda _: None):
        with pytest.raises(HTTPException) as refused:
            followers.require_room()
        assert refused.value.status_code == 429


ID = "4GqNUtPFTPZ0ZrVq2Jc9xX"


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/api/v1/flows/search", "/api/v1/main/flows/search"),
        ("/api/v1/main/flows/search", "/api/v1/main/flows/search"),
        ("/api/v1/plugins", "/api/v1/plugins"),
        (f"/api/v1/executions/{ID}/kill", f"/api/v1/main/executions/{ID}/actions/kill"),
        (
            f"/api/v1/main/executions/{ID}/actions/kill",
            f"/api/v1/main/executions/{ID}/actions/kill",
        ),
        (
            "/api/v1/main/executions/company.team/pause",
            "/api/v1/main/executions/company.team/pause",
        ),
        (f"/api/v1/main/outputs/{ID}", f"/api/v1/main/outputs/executions/{ID}"),
        (f"/api/v1/outputs/{ID}/{ID}", f"/api/v1/main/outputs/tasks/{ID}/{ID}"),
    ],
)
def test_older_paths_mean_those_of_today(path: str, meant: str) -> None:
    assert current(path) == meant
