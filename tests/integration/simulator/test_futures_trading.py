from collections.abc import AsyncIterator
from typing import Any

import ccxt
import pytest

from tests.simulator_process import SimulatorProcess

PERP = "BTC/USDT:USDT"
TRIGGERS = {"trigger": True}


@pytest.fixture(autouse=True)
async def flat(simulator: SimulatorProcess, client: Any) -> AsyncIterator[None]:
    simulator.move_price("BTC", "4500", hold_seconds=80_000)
    await client.set_leverage(10, PERP)
    yield
    simulator.move_price("BTC", "4500", hold_seconds=80_000)
    await client.cancel_all_orders(PERP)
    await client.cancel_all_orders(PERP, TRIGGERS)
    position = await client.fetch_position(PERP)
    if position["contracts"]:
        side = "sell" if position["side"] == "long" else "buy"
        await client.create_order(PERP, "market", side, position["contracts"])


async def open_long(client: Any, contracts: int = 1000) -> dict[str, Any]:
    order: dict[str, Any] = await client.create_order(PERP, "market", "buy", contracts)
    return order


async def test_a_market_order_opens_a_position_with_isolated_margin(client: Any) -> None:
    order = await open_long(client)
    position = await client.fetch_position(PERP)

    assert (order["status"], order["average"], order["filled"]) == ("closed", 4500.23, 1000)
    assert (position["side"], position["contracts"]) == ("long", 1000)
    assert (position["entryPrice"], position["leverage"]) == (4500.23, 10)
    assert position["marginMode"] == "isolated"
    # 0.1 BTC: value / 10 and a taker fee to close with
    assert position["positionMargin"] == pytest.approx(450.023 / 10 + 450.023 * 0.0005)
    assert position["unrealizedPnl"] == pytest.approx(-0.023)
    assert 4050 < position["liquidationPrice"] < 4100
    assert [one["symbol"] for one in await client.fetch_positions([PERP])] == [PERP]


async def test_profit_fee_and_history_of_a_round_trip_add_up(
    simulator: SimulatorProcess, client: Any
) -> None:
    before = (await client.fetch_balance({"type": "swap"}))["total"]["USDT"]
    await open_long(client)
    simulator.move_price("BTC", "4600", hold_seconds=80_000)
    close = await client.create_order(PERP, "market", "sell", 1000, None, {"reduceOnly": True})
    after = (await client.fetch_balance({"type": "swap"}))["total"]["USDT"]
    last = (await client.fetch_positions_history([PERP], limit=1))[0]

    assert (close["status"], close["average"], close["reduceOnly"]) == ("closed", 4599.77, True)
    profit = 0.1 * (4599.77 - 4500.23)
    fees = 0.1 * (4599.77 + 4500.23) * 0.0005
    assert after - before == pytest.approx(profit - fees)
    assert last["realizedPnl"] == pytest.approx(profit - fees)
    assert (last["side"], last["contracts"]) == ("long", 1000)


async def test_an_opposite_order_reduces_then_flips(client: Any) -> None:
    await open_long(client)
    await client.create_order(PERP, "market", "sell", 400)
    assert (await client.fetch_position(PERP))["contracts"] == 600
    await client.create_order(PERP, "market", "sell", 1000)

    position = await client.fetch_position(PERP)
    assert (position["side"], position["contracts"]) == ("short", 400)
    assert position["entryPrice"] == 4499.77
    trades = await client.fetch_my_trades(PERP, limit=2)
    assert trades[-1]["info"]["close_size"] == "-600"


async def test_reduce_only_never_opens(client: Any) -> None:
    with pytest.raises(ccxt.InvalidOrder, match="POSITION_EMPTY"):
        await client.create_order(PERP, "market", "sell", 10, None, {"reduceOnly": True})
    await open_long(client, 100)
    with pytest.raises(ccxt.InvalidOrder, match="INCREASE_POSITION"):
        await client.create_order(PERP, "market", "buy", 10, None, {"reduceOnly": True})
    order = await client.create_order(PERP, "market", "sell", 500, None, {"reduceOnly": True})

    assert order["filled"] == 100
    assert order["info"]["finish_as"] == "reduce_only"
    assert (await client.fetch_position(PERP))["contracts"] == 0


async def test_close_closes_everything_and_takes_reduce_only_orders_along(client: Any) -> None:
    await open_long(client, 300)
    resting = await client.create_order(PERP, "limit", "sell", 300, 4700, {"reduceOnly": True})
    assert (await client.fetch_balance({"type": "swap"}))["info"][0]["order_margin"] == "0"
    closed = await client.create_order(PERP, "market", "sell", 0, None, {"close": True})

    assert (closed["filled"], closed["info"]["is_close"]) == (300, True)
    gone = await client.fetch_order(resting["id"], PERP)
    assert gone["info"]["finish_as"] == "position_closed"


async def test_stop_and_target_protect_and_fire(simulator: SimulatorProcess, client: Any) -> None:
    await open_long(client, 500)
    stop = await client.create_order(
        PERP, "market", "sell", 500, None, {"stopLossPrice": 4400, "reduceOnly": True}
    )
    target = await client.create_order(
        PERP, "market", "sell", 500, None, {"takeProfitPrice": 4600, "reduceOnly": True}
    )
    waiting = await client.fetch_open_orders(PERP, params=TRIGGERS)
    assert {one["id"] for one in waiting} == {stop["id"], target["id"]}
    assert all(one["reduceOnly"] for one in waiting)

    simulator.move_price("BTC", "4399", hold_seconds=80_000)
    fired = await client.fetch_order(stop["id"], PERP, TRIGGERS)
    order = await client.fetch_order(str(fired["info"]["trade_id"]), PERP)
    assert (fired["status"], fired["info"]["finish_as"]) == ("closed", "succeeded")
    assert (order["filled"], order["average"]) == (500, 4398.78)
    assert order["clientOrderId"] == f"ao-{stop['id']}"
    assert (await client.fetch_position(PERP))["contracts"] == 0

    simulator.move_price("BTC", "4601", hold_seconds=80_000)
    failed = await client.fetch_order(target["id"], PERP, TRIGGERS)
    assert (failed["status"], failed["info"]["reason"]) == ("canceled", "POSITION_EMPTY")


async def test_triggers_on_the_wrong_side_of_the_price_are_refused(client: Any) -> None:
    with pytest.raises(ccxt.InvalidOrder, match="AUTO_TRIGGER_PRICE_LESS_LAST"):
        await client.create_order(PERP, "market", "sell", 5, None, {"stopLossPrice": 4600})
    with pytest.raises(ccxt.InvalidOrder, match="AUTO_TRIGGER_PRICE_GREATE_LAST"):
        await client.create_order(PERP, "market", "sell", 5, None, {"takeProfitPrice": 4400})


async def test_a_trigger_is_cancelled_once(client: Any) -> None:
    made = await client.create_order(PERP, "limit", "buy", 5, 4390, {"triggerPrice": 4600})
    cancelled = await client.cancel_order(made["id"], PERP, TRIGGERS)
    assert cancelled["status"] == "canceled"
    with pytest.raises(ccxt.ExchangeError, match="AUTO_ORDER_NOT_FOUND"):
        await client.cancel_order(made["id"], PERP, TRIGGERS)
    finished = await client.fetch_closed_orders(PERP, params=TRIGGERS)
    assert made["id"] in {one["id"] for one in finished}


async def test_a_position_is_liquidated_at_its_price_and_loses_its_margin(
    simulator: SimulatorProcess, client: Any
) -> None:
    before = (await client.fetch_balance({"type": "swap"}))["total"]["USDT"]
    await open_long(client)
    position = await client.fetch_position(PERP)
    fee = -position["realizedPnl"]
    simulator.move_price("BTC", f"{position['liquidationPrice'] + 0.01:.2f}")
    assert (await client.fetch_position(PERP))["contracts"] == 1000
    simulator.move_price("BTC", f"{position['liquidationPrice'] - 0.01:.2f}")

    assert (await client.fetch_position(PERP))["contracts"] == 0
    after = (await client.fetch_balance({"type": "swap"}))["total"]["USDT"]
    assert before - after == pytest.approx(position["positionMargin"] + fee)
    last = (await client.fetch_closed_orders(PERP, limit=1))[0]
    assert last["info"]["is_liq"] is True
    assert last["clientOrderId"].startswith("liq-")
    assert len(await client.fetch_my_liquidations(PERP)) == 1


async def test_leverage_moves_the_margin_of_an_open_position(client: Any) -> None:
    await open_long(client)
    await client.set_leverage(5, PERP)
    assert (await client.fetch_position(PERP))["positionMargin"] == pytest.approx(450.023 * 0.2005)
    await client.set_leverage(20, PERP)
    assert (await client.fetch_position(PERP))["positionMargin"] == pytest.approx(450.023 * 0.0505)
    added = await client.add_margin(PERP, 10)
    assert added["total"] == pytest.approx(450.023 * 0.0505 + 10)


async def test_leverage_outside_the_contract_is_refused(client: Any) -> None:
    with pytest.raises(ccxt.BadRequest, match="cross"):
        await client.set_leverage(10, PERP, {"marginMode": "cross"})
    with pytest.raises(ccxt.InvalidOrder, match="LEVERAGE_TOO_HIGH"):
        await client.privateFuturesPostSettlePositionsContractLeverage(
            {"settle": "usdt", "contract": "BTC_USDT", "leverage": "101"}
        )


async def test_orders_hold_margin_back_until_they_are_gone(client: Any) -> None:
    order = await client.create_order(PERP, "limit", "buy", 1000, 4400)
    held = (await client.fetch_balance({"type": "swap"}))["info"][0]
    assert float(held["order_margin"]) == pytest.approx(440 / 10 + 2 * 440 * 0.0005)
    await client.cancel_order(order["id"], PERP)
    held = (await client.fetch_balance({"type": "swap"}))["info"][0]
    assert held["order_margin"] == "0"


@pytest.mark.parametrize(
    ("kind", "size", "price", "params", "error", "label"),
    [
        ("market", 1_000_001, None, {}, ccxt.InvalidOrder, "SIZE_TOO_LARGE"),
        ("limit", 10, 3000, {}, ccxt.InvalidOrder, "PRICE_TOO_DEVIATED"),
        ("market", 900_000, None, {}, ccxt.InsufficientFunds, "INSUFFICIENT_AVAILABLE"),
        ("limit", 10, 4600, {"postOnly": True}, ccxt.OrderImmediatelyFillable, "POC"),
        ("limit", 10, 4400, {"timeInForce": "FOK"}, ccxt.ExchangeError, "ORDER_FOK"),
    ],
)
async def test_refuses_orders_outside_the_limits(
    client: Any,
    kind: str,
    size: int,
    price: float | None,
    params: dict[str, Any],
    error: type[Exception],
    label: str,
) -> None:
    with pytest.raises(error, match=label):
        await client.create_order(PERP, kind, "buy", size, price, params)


async def test_finished_orders_are_found_by_text_for_a_minute(client: Any) -> None:
    params = {"clientOrderId": "t-perp-1"}
    order = await client.create_order(PERP, "market", "buy", 5, None, params)
    found = await client.fetch_order("t-perp-1", PERP)
    trades = await client.fetch_my_trades(PERP, params={"order": order["id"]})

    assert (found["id"], found["status"]) == (order["id"], "closed")
    assert [trade["order"] for trade in trades] == [order["id"]]
    assert trades[0]["fee"]["cost"] == pytest.approx(0.0005 * 4500.23 * 0.0005)


async def test_the_ledger_explains_the_balance(client: Any) -> None:
    await open_long(client, 10)
    entries = await client.fetch_ledger("USDT", params={"type": "swap"}, limit=500)
    total = (await client.fetch_balance({"type": "swap"}))["total"]["USDT"]
    signed = [e["amount"] if e["direction"] == "in" else -e["amount"] for e in entries]
    assert sum(signed) == pytest.approx(total)
