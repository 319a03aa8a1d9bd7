from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import ccxt
import pytest

from tests.simulator_process import SimulatorProcess

SPOT = "BTC/USDT"


@pytest.fixture(autouse=True)
async def calm(simulator: SimulatorProcess, client: Any) -> AsyncIterator[None]:
    simulator.move_price("BTC", "4500", hold_seconds=80_000)
    yield
    await client.cancel_all_orders(SPOT)
    await client.cancel_all_orders(SPOT, {"trigger": True})


async def free(client: Any, currency: str) -> Decimal:
    return Decimal(str((await client.fetch_balance())["free"].get(currency, 0)))


async def test_a_market_buy_spends_its_cost_and_pays_its_fee_in_base(client: Any) -> None:
    usdt, btc = await free(client, "USDT"), await free(client, "BTC")
    order = await client.create_market_buy_order_with_cost(SPOT, 450)

    assert order["status"] == "closed"
    assert order["average"] == 4500.45
    fees = {fee["currency"]: fee["cost"] for fee in order["fees"]}
    assert fees["BTC"] == pytest.approx(order["filled"] * 0.002)
    assert await free(client, "BTC") - btc == Decimal(str(order["filled"])) * Decimal("0.998")
    spent = Decimal(str(order["filled"])) * Decimal("4500.45")
    assert usdt - await free(client, "USDT") == spent
    assert Decimal(450) - spent < Decimal("0.0046")


async def test_a_market_sell_pays_its_fee_in_quote(client: Any) -> None:
    await client.create_market_buy_order_with_cost(SPOT, 450)
    before = await free(client, "USDT")
    order = await client.create_order(SPOT, "market", "sell", 0.05)

    assert order["status"] == "closed"
    assert order["average"] == 4499.55
    received = Decimal("0.05") * Decimal("4499.55") * Decimal("0.998")
    assert await free(client, "USDT") - before == received


async def test_a_resting_order_locks_funds_and_is_found_by_id_and_text(client: Any) -> None:
    order = await client.create_order(
        SPOT, "limit", "buy", 0.01, 4000, {"clientOrderId": "t-resting"}
    )
    balance = await client.fetch_balance()

    assert order["status"] == "open"
    assert balance["used"]["USDT"] == 40
    assert (await client.fetch_order(order["id"], SPOT))["clientOrderId"] == "t-resting"
    by_text = await client.fetch_order("", SPOT, {"clientOrderId": "t-resting"})
    assert by_text["id"] == order["id"]
    assert [one["id"] for one in await client.fetch_open_orders(SPOT)] == [order["id"]]

    cancelled = await client.cancel_order(order["id"], SPOT)
    assert cancelled["status"] == "canceled"
    assert (await client.fetch_balance())["used"]["USDT"] == 0
    with pytest.raises(ccxt.OrderNotFound):
        await client.fetch_order("", SPOT, {"clientOrderId": "t-resting"})
    with pytest.raises(ccxt.InvalidOrder, match="ORDER_CANCELLED"):
        await client.cancel_order(order["id"], SPOT)


async def test_a_resting_order_fills_as_maker_when_the_price_trades_through(
    simulator: SimulatorProcess, client: Any
) -> None:
    order = await client.create_order(SPOT, "limit", "buy", 0.01, 4400)
    simulator.move_price("BTC", "4400")
    assert (await client.fetch_order(order["id"], SPOT))["status"] == "open"
    simulator.move_price("BTC", "4399.99")

    filled = await client.fetch_order(order["id"], SPOT)
    assert (filled["status"], filled["average"]) == ("closed", 4400)
    trades = await client.fetch_my_trades(SPOT, params={"order_id": order["id"]})
    assert [(trade["takerOrMaker"], trade["price"]) for trade in trades] == [("maker", 4400)]


async def test_a_large_order_walks_the_book_and_its_rest_is_cancelled_or_stays(
    simulator: SimulatorProcess, client: Any
) -> None:
    simulator.ask("POST", "/sim/deposit", {"account": "spot", "amount": "100000000"})
    depth = sum(size for _, size in (await client.fetch_order_book(SPOT, 100))["asks"])
    ioc = await client.create_order(SPOT, "limit", "buy", depth + 1, 4600, {"timeInForce": "IOC"})
    gtc = await client.create_order(SPOT, "limit", "buy", depth + 1, 4600)

    assert ioc["status"] == "canceled"
    assert ioc["filled"] == pytest.approx(depth)
    assert ioc["average"] > 4500.45
    # the depth is a sum of floats, which the venue's step cuts off
    assert (gtc["status"], gtc["remaining"]) == ("open", pytest.approx(1, abs=2e-6))


async def test_fok_and_post_only_are_refused_when_they_cannot_be_kept(client: Any) -> None:
    with pytest.raises(ccxt.ExchangeError, match="FOK_NOT_FILL"):
        await client.create_order(SPOT, "limit", "buy", 0.1, 4400, {"timeInForce": "FOK"})
    with pytest.raises(ccxt.OrderImmediatelyFillable):
        await client.create_order(SPOT, "limit", "buy", 0.1, 4600, {"postOnly": True})
    resting = await client.create_order(SPOT, "limit", "buy", 0.1, 4400, {"postOnly": True})
    assert (resting["status"], resting["timeInForce"]) == ("open", "PO")


@pytest.mark.parametrize("kind", ["stopLossPrice", "takeProfitPrice"])
async def test_a_trigger_waits_fires_and_names_its_order(
    simulator: SimulatorProcess, client: Any, kind: str
) -> None:
    await client.create_market_buy_order_with_cost(SPOT, 100)
    price = 4400 if kind == "stopLossPrice" else 4600
    params = {kind: price, "timeInForce": "ioc"}
    made = await client.create_order(SPOT, "market", "sell", 0.01, None, params)
    waiting = await client.fetch_order(made["id"], SPOT, {"trigger": True})
    assert (waiting["status"], waiting["triggerPrice"]) == ("open", price)

    simulator.move_price("BTC", str(price))
    fired = await client.fetch_order(made["id"], SPOT, {"trigger": True})
    assert fired["status"] == "closed"
    order = await client.fetch_order(str(fired["info"]["fired_order_id"]), SPOT)
    assert (order["status"], order["side"], order["filled"]) == ("closed", "sell", 0.01)
    assert await client.fetch_open_orders(SPOT, params={"trigger": True}) == []


async def test_a_trigger_without_funds_fails_and_says_why(
    simulator: SimulatorProcess, client: Any
) -> None:
    held = float(await free(client, "BTC"))
    params = {"stopLossPrice": 4400, "timeInForce": "ioc"}
    made = await client.create_order(SPOT, "market", "sell", held + 1, None, params)
    simulator.move_price("BTC", "4300")

    failed = await client.fetch_order(made["id"], SPOT, {"trigger": True})
    assert (failed["status"], failed["info"]["reason"]) == ("canceled", "BALANCE_NOT_ENOUGH")


async def test_cancel_all_and_batches_leave_nothing_open(client: Any) -> None:
    ids = [
        (await client.create_order(SPOT, "limit", "buy", 0.01, 4000 + n))["id"] for n in range(3)
    ]
    cancelled = await client.cancel_orders(ids[:2], SPOT)
    assert len(cancelled) == 2
    await client.cancel_all_orders(SPOT)
    assert await client.fetch_open_orders(SPOT) == []


@pytest.mark.parametrize(
    ("amount", "price", "error", "label"),
    [
        (0.000001, 4500, ccxt.BadRequest, "too small"),
        (0.0005, 4500, ccxt.BadRequest, "too small"),
        (1_000_000, 4500, ccxt.InsufficientFunds, "BALANCE_NOT_ENOUGH"),
        (0.1, 100, ccxt.InvalidOrder, "PRICE_THRESHOLD_EXCEEDED"),
    ],
)
async def test_refuses_orders_outside_the_limits(
    client: Any, amount: float, price: float, error: type[Exception], label: str
) -> None:
    with pytest.raises(error, match=label):
        await client.create_order(SPOT, "limit", "buy", amount, price)


async def test_a_repeated_text_is_taken_and_the_newest_is_found(client: Any) -> None:
    params = {"clientOrderId": "t-twice"}
    await client.create_order(SPOT, "limit", "buy", 0.01, 4000, params)
    second = await client.create_order(SPOT, "limit", "buy", 0.01, 4001, params)
    assert (await client.fetch_order("", SPOT, params))["id"] == second["id"]
