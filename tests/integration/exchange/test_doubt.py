"""What every venue's client makes of calls that fail: refused, unknown, limited, out of time."""

from datetime import timedelta
from typing import Any

import pytest

from cerberus.domain.orders import OrderStatus
from cerberus.errors import CerberusError, ClockSkewed, RateLimited, Transient, Unknown

SPOT, SWAP = "BTC/USDT", "BTC/USDT:USDT"
BOTH = pytest.mark.parametrize("symbol", [SPOT, SWAP], ids=["spot", "swap"])

pytestmark = pytest.mark.xdist_group("venue contract")


@BOTH
@pytest.mark.parametrize("kind", ["timeout_after", "reset_after", "malformed"])
async def test_an_order_whose_answer_is_lost_is_unknown_and_then_found(
    venue: Any, symbol: str, kind: str
) -> None:
    venue.simulator.order_fault(kind, method="POST", path="order", milliseconds=1600)
    order = venue.order(symbol)

    with pytest.raises(Unknown):
        await venue.exchange.place(order)
    found = await venue.exchange.find(order)

    assert found is not None
    assert found.status is OrderStatus.OPEN
    assert len(venue.at_venue(order.client_id)) == 1


@BOTH
@pytest.mark.parametrize("kind", ["timeout_before", "reset_before", "status"])
async def test_an_order_that_never_arrived_is_unknown_and_not_found(
    venue: Any, symbol: str, kind: str
) -> None:
    venue.simulator.order_fault(kind, method="POST", path="order", milliseconds=1600)
    order = venue.order(symbol)

    with pytest.raises(Unknown):
        await venue.exchange.place(order)

    assert await venue.exchange.find(order) is None
    assert venue.at_venue(order.client_id) == []


async def test_a_cancel_whose_answer_is_lost_is_unknown_and_has_happened(venue: Any) -> None:
    order = venue.order(SWAP)
    await venue.exchange.place(order)
    venue.simulator.order_fault("timeout_after", method="DELETE", path="order", milliseconds=1600)

    with pytest.raises(Unknown):
        await venue.exchange.cancel(order)

    found = await venue.exchange.find(order)
    assert found is not None
    assert found.status is OrderStatus.CANCELLED


@pytest.mark.parametrize("status", [429, 418])
async def test_a_rate_limit_is_told_and_has_no_effect(venue: Any, status: int) -> None:
    if (venue.name, status) == ("gate", 418):
        pytest.skip("Gate.io bans nobody with 418")
    body = '{"code":-1003,"label":"TOO_MANY_REQUESTS","message":"slow","msg":"slow"}'
    venue.simulator.order_fault("status", path="order", status=status, body=body, retry_after=1)
    order = venue.order(SWAP)

    with pytest.raises(RateLimited) as caught:
        await venue.exchange.place(order)

    assert venue.at_venue(order.client_id) == []
    assert caught.value.retry_after_seconds == 1


async def test_a_clock_that_is_wrong_is_measured_and_the_next_call_comes_right(venue: Any) -> None:
    now = venue.client.milliseconds
    venue.client.milliseconds = lambda: now() - 120_000

    with pytest.raises(ClockSkewed):
        await venue.exchange.account()

    assert (await venue.exchange.account()).totals
    assert abs(venue.client.options["timeDifference"] + 120_000) < 2000


@BOTH
async def test_a_placement_is_not_taken_after_its_expiry(venue: Any, symbol: str) -> None:
    order = venue.order(symbol)
    late = venue.order(
        symbol,
        client_id=order.client_id,
        expires_at=order.created_at - timedelta(seconds=1),
    )

    with pytest.raises(CerberusError) as caught:
        await venue.exchange.place(late)

    assert not isinstance(caught.value, Unknown)
    assert venue.at_venue(order.client_id) == []


async def test_reading_is_never_unknown(venue: Any) -> None:
    venue.simulator.order_fault("status", path="position", status=503)

    with pytest.raises(Transient):
        await venue.exchange.account()
