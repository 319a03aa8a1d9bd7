"""Ledgers on every backend; Redis is a real server on a port of its own."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from cerberus.adapters.shared_limits import open_redis_ledger
from cerberus.resilience.ledger import Ledger, MemoryLedger
from cerberus.resilience.shared_ledger import SharedLedger
from tests import redis_server
from tests.free_port import free_port
from tests.redis_server import RedisServer


@pytest.fixture(scope="package")
def any_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    program = redis_server.command()
    if program is None:
        pytest.skip(redis_server.MISSING)
    with redis_server.served(program, free_port(), tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis(any_redis: RedisServer) -> RedisServer:
    """Return a server that runs and remembers nothing."""
    any_redis.kill()
    any_redis.start()
    return any_redis


class Opener:
    """Opens ledgers as so many processes would, and closes them."""

    def __init__(self, server: RedisServer) -> None:
        self.server = server
        self.opened: list[SharedLedger] = []

    def __call__(self) -> SharedLedger:
        remote = open_redis_ledger(self.server.url, f"process {len(self.opened)}")
        self.opened.append(SharedLedger(remote, processes=2))
        return self.opened[-1]


@pytest.fixture
async def open_shared(redis: RedisServer) -> AsyncIterator[Opener]:
    opener = Opener(redis)
    yield opener
    await asyncio.gather(*(one.close() for one in opener.opened))


@pytest.fixture(params=["memory", "redis"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    if request.param == "memory":
        return MemoryLedger()
    opened: Ledger = request.getfixturevalue("open_shared")()
    return opened
