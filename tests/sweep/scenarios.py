"""Clients that want one thing and repeat themselves until they have it."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, TypeAlias

import aiohttp

from tests.simulator_process import ask

Session: TypeAlias = aiohttp.ClientSession
Body: TypeAlias = dict[str, Any]

ALL = (
    "perpetual_target",
    "perpetual_stop",
    "perpetual_trail",
    "perpetual_trigger",
    "spot_close",
    "spot_target",
    "limit_cancel",
)
PAUSE_SECONDS = 0.05
ENDED = ("not_placed", "closed")


def is_spot(scenario: str) -> bool:
    """Whether a bare symbol means the spot market."""
    return scenario.startswith("spot_")


async def perpetual_target(session: Session, simulator: int) -> None:
    """Enter a perpetual at the market, see it protected, and let its target fire."""
    trade = await _enter(session, simulator, symbol="BTCUSDT", quantity="0.05")
    await asyncio.to_thread(_move, simulator, "BTC", trade["target_price"], 20)
    await _until_over(session, trade["trade_id"])


async def perpetual_stop(session: Session, simulator: int) -> None:
    """Enter a perpetual short at the market and let its stop fire."""
    trade = await _enter(session, simulator, symbol="ETHUSDT", side="sell", quantity="0.5")
    await asyncio.to_thread(_move, simulator, "ETH", trade["stop_price"], 2)
    await _until_over(session, trade["trade_id"])


async def perpetual_trail(session: Session, simulator: int) -> None:
    """Let a stop follow the price up, and fire where it has come to."""
    entry = {"quantity": "0.02", "take_profit_percent": "20", "trailing_stop_percent": "1"}
    trade = await _enter(session, simulator, symbol="BTCUSDT", **entry)
    if trade["status"] in ENDED:  # the run before this one had come that far
        return await _until_over(session, trade["trade_id"])
    up = str(Decimal(trade["entry_price"]) * Decimal("1.03"))
    await asyncio.to_thread(_move, simulator, "BTC", up, 0)

    async def has_followed() -> bool:
        nonlocal trade
        trade = await _get(session, f"/api/trades/{trade['trade_id']}")
        stops = [one for one in trade["exits"] if one["kind"] == "stop"]
        resting = [one["trigger_price"] for one in stops if one["status"] == "resting"]
        return trade["status"] == "closed" or (
            len(resting) == 1 and Decimal(resting[0]) > Decimal(trade["entry_price"])
        )

    await _until(has_followed)
    assert await _are_protected(session, simulator), trade
    await asyncio.to_thread(_move, simulator, "BTC", trade["present_stop"], -20)
    await _until_over(session, trade["trade_id"])


async def perpetual_trigger(session: Session, simulator: int) -> None:
    """Let an entry wait above the market, reach its trigger, and fire the stop behind it.

    A fault at the trigger may have it missed, which is told and costs nothing.
    """
    trigger = await asyncio.to_thread(_beside, simulator, "BTC", "1.004")
    told = {"quantity": "0.05", "entry_type": "stop", "trigger_price": trigger}
    trade = await _execute(session, _signal(symbol="BTCUSDT", **told))
    if trade["status"] == "closed":  # the run before this one had come that far
        return await _until_over(session, trade["trade_id"])
    waiting = trade["orders"][0]
    await asyncio.to_thread(_move, simulator, "BTC", waiting["trigger_price"], 3)

    async def has_entered() -> bool:
        nonlocal trade
        trade = await _get(session, f"/api/trades/{trade['trade_id']}")
        return trade["protected"] or trade["status"] in ENDED

    await _until(has_entered)
    if trade["status"] == "not_placed":
        assert trade["orders"][0]["status"] in ("rejected", "expired"), trade
        assert trade["close_reason"], trade
        return None
    assert trade["status"] == "closed" or await _are_protected(session, simulator), trade
    await asyncio.to_thread(_move, simulator, "BTC", trade["stop_price"], -20)
    await _until_over(session, trade["trade_id"])


async def spot_close(session: Session, simulator: int) -> None:
    """Buy on spot and close by hand."""
    trade = await _enter(session, simulator, symbol="BTCUSDT", quantity="0.05")
    await _close(session, trade["trade_id"])
    await _until_over(session, trade["trade_id"])


async def spot_target(session: Session, simulator: int) -> None:
    """Buy on spot; the target is watched, not resting, and fires."""
    trade = await _enter(session, simulator, symbol="ETHUSDT", quantity="0.5")
    await asyncio.to_thread(_move, simulator, "ETH", trade["target_price"], 2)
    await _until_over(session, trade["trade_id"])


async def limit_cancel(session: Session, simulator: int) -> None:
    """Rest a limit order below the market and cancel it."""
    price = await asyncio.to_thread(_beside, simulator, "BTC", "0.997")
    body = _signal(symbol="BTCUSDT", quantity="0.05", entry_type="limit", price=price)
    trade = await _execute(session, body)
    while trade["status"] not in ENDED:
        for order in trade["orders"]:
            await _assert_reserved(session, order)
            path = f"/order/{trade['symbol'].replace('/', '_')}/{order['order_id']}"
            await _call(session, "DELETE", path)
        await asyncio.sleep(PAUSE_SECONDS)
        trade = await _get(session, f"/api/trades/{trade['trade_id']}")


async def settled(session: Session, simulator: int) -> None:
    """Ask for nothing: what was in flight is found, and what is held is protected."""

    async def is_settled() -> bool:
        return not await _is_in_doubt(session) and await _are_protected(session, simulator)

    await _until(is_settled)


async def _enter(session: Session, simulator: int, **fields: str) -> Body:
    trade = await _execute(session, _signal(**fields))
    while not (trade["protected"] or trade["status"] in ENDED):
        await asyncio.sleep(PAUSE_SECONDS)
        trade = await _get(session, f"/api/trades/{trade['trade_id']}")
        if trade["status"] == "not_placed":
            trade = await _execute(session, _signal(**fields))
    assert await _are_protected(session, simulator), trade
    return trade


async def _execute(session: Session, body: Body) -> Body:
    """Repeat a request as clients do, until there is a trade that may live."""
    while True:
        status, answer = await _call(session, "POST", "/api/trades", body)
        if status in (200, 201) and (answer["status"] != "not_placed" or _is_done(answer)):
            return answer
        assert status in (200, 201, 202, 409, 502, 503), (status, answer)
        await asyncio.sleep(PAUSE_SECONDS)


async def _close(session: Session, trade_id: str) -> None:
    while True:
        held = (await _get(session, "/api/positions?limit=500"))["positions"]
        mine = next(one for one in held if one["trade_id"] == trade_id)
        status, _ = await _call(session, "POST", f"/api/positions/{mine['position_id']}/close", {})
        if status == 200:
            return
        await asyncio.sleep(PAUSE_SECONDS)


async def _until_over(session: Session, trade_id: str) -> None:
    """Wait until a trade is closed and nothing is in flight."""

    async def is_over() -> bool:
        closed = (await _get(session, f"/api/trades/{trade_id}"))["status"] == "closed"
        return closed and await _is_quiet(session)

    await _until(is_over)


async def _until(is_reached: Callable[[], Awaitable[bool]]) -> None:
    while not await is_reached():  # noqa: ASYNC110 - it is another process that changes
        await asyncio.sleep(PAUSE_SECONDS)


async def _is_quiet(session: Session) -> bool:
    orders = (await _get(session, "/api/orders?limit=500"))["orders"]
    exits = (await _get(session, "/api/exits?limit=500"))["exits"]
    held = (await _get(session, "/api/positions?open_only=true"))["positions"]
    alive = ("armed", "intent", "unknown", "cancel_requested", "open", "partly_filled")
    unsettled = ("planned", "sending") if held else ("planned", "sending", "resting", "watched")
    return not any(one["status"] in alive for one in orders) and not any(
        one["status"] in unsettled for one in exits
    )


async def _is_in_doubt(session: Session) -> bool:
    orders = (await _get(session, "/api/orders?limit=500"))["orders"]
    return any(one["status"] in ("intent", "unknown", "cancel_requested") for one in orders)


async def _are_protected(session: Session, simulator: int) -> bool:
    """Believe the venue, not us: what protects has to rest there."""
    told = await asyncio.to_thread(ask, simulator, "GET", "/sim/orders")
    there = {str(one["id"]) for one in told["triggers"] if not one["finish_as"]}
    trades = (await _get(session, "/api/trades?status=open&limit=500"))["trades"]
    for trade in [await _get(session, f"/api/trades/{one['trade_id']}") for one in trades]:
        stops = [one for one in trade["exits"] if one["kind"] == "stop"]
        if trade["status"] == "open" and not there & {str(one["venue_id"]) for one in stops}:
            return False
    return True


async def _get(session: Session, path: str) -> Body:
    while True:
        status, answer = await _call(session, "GET", path)
        if status == 200:
            return answer
        assert status == 503, (status, answer)
        await asyncio.sleep(PAUSE_SECONDS)


async def _call(
    session: Session, method: str, path: str, body: Body | None = None
) -> tuple[int, Body]:
    async with session.request(method, path, json=body) as response:
        return response.status, await response.json()


def _signal(**fields: str) -> Body:
    return {"signal": {"side": "buy", "id": "swept", **fields}}


def _is_done(trade: Body) -> bool:
    """Whether the same signal would not be entered again."""
    return any(one["status"] == "cancelled" or one["trigger_price"] for one in trade["orders"])


async def _assert_reserved(session: Session, order: Body) -> None:
    """While an entry may still fill, what it may cost is held back."""
    reserved = (await _get(session, "/api/risk/status"))["reserved"]
    now = (await _get(session, "/api/orders?limit=500"))["orders"]
    alive = [one for one in now if one["order_id"] == order["order_id"] and one["status"] == "open"]
    assert reserved or not alive, alive


def _beside(simulator: int, asset: str, share: str) -> str:
    price = Decimal(ask(simulator, "GET", "/sim/status")["prices"][asset])
    return str((price * Decimal(share)).quantize(Decimal("1")))


def _move(simulator: int, asset: str, price: str, beyond: int) -> None:
    moved = (Decimal(price) + beyond).quantize(Decimal("0.01"))
    body = {"asset": asset, "price": str(moved), "hold_seconds": 3600}
    ask(simulator, "POST", "/sim/price", body)
