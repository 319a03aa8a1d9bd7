"""What keeps too many calls out, and what is remembered of those that came in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from api.problems import answer_error
from cerberus.domain.webhooks.credentials import Signature, sign
from cerberus.errors import TooManyCalls, Transient, Unauthorised, Unknown
from cerberus.services.webhooks import ALERTS, SIGNALS, Call, Webhooks
from tests.integration.alerts.outbox import HandClock, Outbox, open_outbox

KEY, TOKEN, LIMIT = "signing-key", "path-token", 3


@dataclass
class Engine:
    """Starts flows, or fails as it is told to."""

    failure: Exception | None = None
    started: list[str] = field(default_factory=list)

    async def start(self, flow: str, _body: Mapping[str, object], _key: str | None) -> str:
        if self.failure is not None:
            raise self.failure
        self.started.append(flow)
        return f"execution-{len(self.started)}"


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    one = open_outbox(tmp_path)
    yield one
    one.store.close()


def opened(outbox: Outbox, engine: Engine | None = None) -> Webhooks:
    """Return the webhooks of a process that has just begun."""
    return Webhooks(outbox.store, outbox.clock, engine or Engine(), KEY, TOKEN, LIMIT)


def signed(clock: HandClock, number: int, flow: str = SIGNALS) -> Call:
    timestamp, nonce, body = str(int(clock.at.timestamp())), f"nonce-{number:016}", b"{}"
    return Call(flow, body, Signature(timestamp, nonce, sign(KEY, timestamp, nonce, body)))


async def test_calls_over_the_limit_wait_until_the_minute_is_over(outbox: Outbox) -> None:
    hooks = opened(outbox)
    for number in range(LIMIT):
        await hooks.admit(signed(outbox.clock, number), 100.0 + number)

    with pytest.raises(TooManyCalls, match="at most 3") as refused:
        await hooks.admit(signed(outbox.clock, 9), 110.0)

    assert refused.value.retry_after_seconds == pytest.approx(50.0)
    await hooks.admit(signed(outbox.clock, 9), 160.1)


async def test_each_webhook_has_its_own_limit(outbox: Outbox) -> None:
    hooks = opened(outbox)
    for number in range(LIMIT):
        await hooks.admit(signed(outbox.clock, number), 100.0)

    await hooks.admit(signed(outbox.clock, 10, ALERTS), 100.0)


async def test_strangers_cannot_use_the_limit_up(outbox: Outbox) -> None:
    hooks = opened(outbox)
    for _ in range(10 * LIMIT):
        with pytest.raises(Unauthorised):
            await hooks.admit(Call(SIGNALS, b"{}", Signature("1", "2", "3")), 100.0)
        with pytest.raises(Unauthorised):
            await hooks.admit(Call(SIGNALS, b"{}", Signature("1", "2", "3"), "guessed"), 100.0)

    await hooks.admit(Call(SIGNALS, b"{}", Signature("", "", ""), TOKEN), 100.0)


async def test_a_call_that_was_overheard_cannot_use_the_limit_up(outbox: Outbox) -> None:
    hooks, call = opened(outbox), signed(outbox.clock, 1)
    await hooks.admit(call, 100.0)
    for _ in range(10 * LIMIT):
        with pytest.raises(Unauthorised):
            await hooks.admit(call, 100.0)

    await hooks.admit(signed(outbox.clock, 2), 100.0)


async def test_another_process_knows_the_nonces_that_were_spent(outbox: Outbox) -> None:
    call = signed(outbox.clock, 1)
    await opened(outbox).admit(call, 100.0)

    with pytest.raises(Unauthorised):
        await opened(outbox).admit(call, 0.0)


async def test_what_is_remembered_does_not_grow(outbox: Outbox) -> None:
    for number in range(5):
        outbox.clock.advance(minutes=3)
        await opened(outbox).admit(signed(outbox.clock, number), 100.0)

    spent = await outbox.store.read(lambda transaction: transaction.facts.get("webhook_nonces"))
    assert len(spent) == 2


@pytest.mark.parametrize(
    ("failure", "may_repeat"), [(Transient("down"), True), (Unknown("?"), False)]
)
async def test_a_call_may_be_repeated_only_when_it_certainly_had_no_effect(
    outbox: Outbox, failure: Exception, may_repeat: bool
) -> None:
    engine = Engine(failure)
    hooks, call = opened(outbox, engine), signed(outbox.clock, 1)
    await hooks.admit(call, 100.0)
    with pytest.raises(type(failure)):
        await hooks.hand_over(call, {}, None)
    engine.failure = None

    if may_repeat:
        await hooks.admit(call, 101.0)
        assert await hooks.hand_over(call, {}, None) == "execution-1"
    else:
        with pytest.raises(Unauthorised):
            await hooks.admit(call, 101.0)


def test_the_answer_says_how_long_to_wait() -> None:
    answer = answer_error(TooManyCalls("at most 3", 12.3))

    assert answer is not None
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "13")
