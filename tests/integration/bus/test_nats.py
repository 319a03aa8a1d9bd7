"""Signals by a real NATS server to a real API: each traded once, whatever dies in between."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import nats
import pytest
from nats.js import JetStreamContext
from nats.js.errors import NoStreamResponseError, NotFoundError

from cerberus.adapters.bus import NatsSignals
from cerberus.domain.inbox import Handled, Outcome, Received
from tests import nats_server
from tests.api_process import trading_pair
from tests.free_port import free_port
from tests.integration.trading.steps import ROOMY, Pair
from tests.nats_server import NatsServer

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("nats")]

Result = TypeVar("Result")
SUBJECT, DEAD = "signals.trading", "signals.dead"


@dataclass
class Bus:
    """A server, and a pair of processes that listens to it."""

    server: NatsServer
    pair: Pair

    def trades(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.pair.api.get("/api/trades?limit=50")[1]["trades"]
        return found

    def signals(self) -> dict[str, str]:
        """Return the status of each signal by its own id."""
        found = self.pair.api.get("/api/signals?limit=50")[1]["signals"]
        return {one["signal"]["id"]: one["status"] for one in found}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    program = nats_server.command()
    if program is None:
        pytest.skip(nats_server.MISSING)
    with nats_server.served(program, free_port(), tmp_path_factory.mktemp("nats")) as one:
        yield one


@pytest.fixture(scope="module")
def opened(server: NatsServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bus]:
    variables = {**ROOMY, "CERBERUS_NATS_URL": server.url}
    var = tmp_path_factory.mktemp("bus") / "var"
    with trading_pair(var, **variables) as (simulator, api):
        yield Bus(server, Pair(simulator, api))


@pytest.fixture
def bus(opened: Bus) -> Bus:
    opened.pair.begin()
    return opened


@pytest.fixture
async def jetstream(server: NatsServer) -> AsyncIterator[JetStreamContext]:
    connection = await nats.connect(server.url, allow_reconnect=False)
    yield connection.jetstream()
    await connection.close()


async def until(look: Callable[[], Awaitable[Result | None]], seconds: float = 30) -> Result:
    """Return what is looked for once it is there."""
    deadline = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < deadline:
        found = await look()
        if found is not None:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"not reached within {seconds} s")


async def send(jetstream: JetStreamContext, body: object, **headers: str) -> str:
    """Publish a message and return the name that the consumer gives it."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def publish() -> str | None:
        try:
            told = await jetstream.publish(SUBJECT, content, headers=headers or None)
        except NoStreamResponseError:  # the stream is made by its first consumer
            return None
        return f"nats-{told.stream}-{told.seq}"

    return await until(publish)


async def settled(jetstream: JetStreamContext) -> None:
    """Wait until every message is acknowledged."""

    async def look() -> bool | None:
        told = await jetstream.consumer_info("signals", "cerberus")
        return (told.num_pending == 0 and told.num_ack_pending == 0) or None

    await until(look)


async def buried(jetstream: JetStreamContext, name: str) -> tuple[bytes, dict[str, str]]:
    """Return the dead message that a name's message has become."""

    async def look() -> tuple[bytes, dict[str, str]] | None:
        try:
            last = await jetstream.get_last_msg("signals-dead", DEAD)
        except NotFoundError:
            return None
        headers = last.headers or {}
        return (last.data or b"", headers) if headers.get("Cerberus-Name") == name else None

    return await until(look)


def signal(**fields: object) -> dict[str, Any]:
    return {"symbol": "BTCUSDT", "side": "buy", "quantity": "0.05", **fields}


async def test_a_message_becomes_one_trade_under_its_own_id(
    bus: Bus, jetstream: JetStreamContext
) -> None:
    mine = f"bus-{uuid.uuid4()}"
    before = len(bus.trades())

    await send(jetstream, signal(id=mine))
    await send(jetstream, signal(id=mine))  # another message of the same signal
    await settled(jetstream)

    assert len(bus.trades()) == before + 1
    assert mine in bus.signals()


async def test_without_an_id_the_message_names_the_signal(
    bus: Bus, jetstream: JetStreamContext
) -> None:
    given = f"msg-{uuid.uuid4()}"
    await send(jetstream, signal(), **{"Nats-Msg-Id": given})
    name = await send(jetstream, signal(symbol="ETHUSDT", quantity="0.5"))
    await settled(jetstream)

    assert {given, name} <= set(bus.signals())


async def test_what_risk_refuses_is_decided_and_not_dead(
    bus: Bus, jetstream: JetStreamContext
) -> None:
    mine = f"bus-{uuid.uuid4()}"
    bus.pair.api.post("/api/system/maintenance", {"on": True, "reason": "test"})

    await send(jetstream, signal(id=mine))
    await settled(jetstream)

    assert bus.signals()[mine] == "refused"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b"not json", "JSON"),
        (signal(quantity="-1"), "quantity"),
        (signal(force_execution=True), "force_execution"),
        (signal(created_at="2020-01-01T00:00:00Z"), "created_at"),
    ],
)
async def test_poison_goes_to_the_dead_and_the_next_message_is_traded(
    bus: Bus, jetstream: JetStreamContext, body: object, reason: str
) -> None:
    good = f"bus-{uuid.uuid4()}"
    poison = await send(jetstream, body)
    await send(jetstream, signal(id=good))

    data, headers = await buried(jetstream, poison)
    await settled(jetstream)

    assert data == (body if isinstance(body, bytes) else json.dumps(body).encode())
    assert reason in headers["Cerberus-Reason"]
    assert headers["Cerberus-Subject"] == SUBJECT
    assert good in bus.signals()


async def test_a_message_that_comes_while_the_api_is_dead_is_traded_once_it_lives(
    bus: Bus, jetstream: JetStreamContext
) -> None:
    mine = f"bus-{uuid.uuid4()}"
    before = len(bus.trades())
    bus.pair.api.kill()
    await send(jetstream, signal(id=mine))
    bus.pair.api.start()
    await settled(jetstream)

    assert len(bus.trades()) == before + 1
    assert mine in bus.signals()


async def test_a_server_that_was_killed_loses_nothing_and_trading_goes_on_meanwhile(
    bus: Bus, server: NatsServer
) -> None:
    mine = f"bus-{uuid.uuid4()}"
    server.kill()
    trade = bus.pair.enter(symbol="ETHUSDT", quantity="0.5")
    assert bus.pair.close(trade["trade_id"])[0] == 200
    server.start()

    connection = await nats.connect(server.url, allow_reconnect=False)
    try:
        await send(connection.jetstream(), signal(id=mine))
        await settled(connection.jetstream())
    finally:
        await connection.close()

    assert mine in bus.signals()
    told = bus.pair.api.log.read_text()
    assert "nats_gone" in told
    assert "Traceback" not in told


async def test_a_message_that_breaks_something_again_and_again_is_given_up(
    server: NatsServer, jetstream: JetStreamContext
) -> None:
    tries: list[int] = []

    def break_down(received: Received) -> Handled:
        tries.append(received.tries)
        if received.tries == 2:
            raise RuntimeError("a fault of ours")
        return Handled(Outcome.BROKEN, "500")

    consumer = NatsSignals(server.url, "odd", "odd.in", "odd.out", "odd", 3, break_down)
    running = asyncio.create_task(consumer.run())
    try:

        async def published() -> bool | None:
            try:
                await jetstream.publish("odd.in", b"{}")
            except NoStreamResponseError:
                return None
            return True

        async def dead() -> dict[str, str] | None:
            try:
                return (await jetstream.get_last_msg("odd-dead", "odd.out")).headers
            except NotFoundError:
                return None

        await until(published)
        headers = await until(dead)
    finally:
        await consumer.close()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    assert tries == [1, 2, 3]
    assert headers["Cerberus-Reason"] == "given up after 3 tries: 500"
