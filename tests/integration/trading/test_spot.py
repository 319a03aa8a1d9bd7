"""The way of a signal on spot: the stop rests, the target is watched, nothing is sold short."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.integration.trading import another_store
from tests.integration.trading.steps import Body, Pair

D = Decimal
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("perpetual")]

STEP = D("0.000001")


@pytest.fixture
def pair(spot_pair: Pair) -> Pair:
    spot_pair.begin()
    return spot_pair


def test_a_market_buy_goes_out_as_an_immediate_limit_at_the_edge_of_the_band(pair: Pair) -> None:
    trade = pair.enter(quantity="0.05", stop_loss_percent="2")
    order = trade["orders"][0]
    assert (order["order_type"], order["time_in_force"]) == ("limit", "ioc")
    there = pair.venue_order(order["venue_id"])
    assert (there["kind"], there["tif"]) == ("limit", "ioc")
    ask = D(trade["planned_price"])
    assert ask * D("1.005") <= D(there["price"]) < ask * D("1.005") + D("0.05")
    assert D(trade["entry_price"]) == ask


def test_the_stop_rests_for_what_was_received_and_the_target_is_watched(pair: Pair) -> None:
    trade = pair.enter(quantity="0.05")
    received = D("0.05") - D(trade["fills"][0]["fee"])
    assert trade["fills"][0]["fee_currency"] == "BTC"
    stop, target = pair.exit_of(trade, "stop"), pair.exit_of(trade, "target")
    assert (stop["status"], stop["where"], stop["expires_at"] is not None) == (
        "resting",
        "venue",
        True,
    )
    assert (target["status"], target["where"], target["venue_id"]) == ("watched", "watched", None)
    assert D(stop["quantity"]) == D(target["quantity"]) == received // STEP * STEP
    assert [D(one["quantity"]) for one in pair.triggers()] == [D(stop["quantity"])]


@pytest.mark.parametrize(("price", "kind"), [(4400, "stop"), (4700, "target")])
def test_a_price_move_fires_one_exit_and_ends_the_other(pair: Pair, price: int, kind: str) -> None:
    trade = pair.enter(quantity="0.05", stop_loss_percent="2", take_profit_percent="4")
    pair.move("BTC", price)
    closed = pair.until_trade(trade["trade_id"], _is_over)
    assert closed["close_reason"] == kind
    assert (D(closed["realised_pnl"]) > 0) == (kind == "target")
    sold = [one for one in closed["fills"] if one["side"] == "sell"]
    quantity = sum(D(one["quantity"]) for one in sold)
    proceeds = sum(D(one["quantity"]) * D(one["price"]) for one in sold)
    assert D(closed["realised_pnl"]) == proceeds - quantity * D(closed["entry_price"])
    assert D(pair.position(closed["trade_id"])["dust"]) < STEP
    pair.assert_settled(closed)


def test_a_sale_without_a_holding_is_refused(pair: Pair) -> None:
    before = pair.counts()["venue"]
    status, refusal = pair.send(side="sell", quantity="0.05")
    assert (status, refusal["check"]) == (422, "spot_holdings")
    assert pair.counts()["venue"] == before


def test_a_sale_closes_the_holding_and_no_more(pair: Pair) -> None:
    trade = pair.enter(quantity="0.05")
    status, closed = pair.send(side="sell", quantity="5")
    assert (status, closed["status"], closed["trade_id"]) == (201, "closed", trade["trade_id"])
    pair.assert_settled(pair.until_trade(trade["trade_id"], _is_over))


def test_a_resting_entry_reserves_quote_with_its_fee(pair: Pair) -> None:
    trade = pair.send(entry_type="limit", price="4450", quantity="0.05")[1]
    assert D(pair.risk()["reserved"]["spot USDT"]) == D("0.05") * 4450 * D("1.002")
    pair.move("BTC", 4440)
    filled = pair.until_trade(trade["trade_id"], lambda told: told["protected"])
    assert (D(filled["entry_price"]), pair.risk()["reserved"]) == (4450, {})


def test_a_partly_filled_entry_stays_protected_while_it_grows(pair: Pair) -> None:
    ask, size = pair.best_ask("/api/v4/spot/order_book?currency_pair=BTC_USDT&limit=1")
    wanted = size + D("0.05")
    trade = pair.send(entry_type="limit", price=str(ask), quantity=str(wanted))[1]
    part = pair.until_trade(trade["trade_id"], lambda told: told["protected"])
    assert 0 < D(part["filled_quantity"]) < wanted
    pair.move("BTC", 4490)
    grown = pair.until_trade(
        trade["trade_id"],
        lambda told: D(told["filled_quantity"]) == wanted and told["protected"],
    )
    held = D(pair.position(grown["trade_id"])["quantity"]) // STEP * STEP
    pair.until(lambda: True if [D(one["quantity"]) for one in pair.triggers()] == [held] else None)


def test_a_fee_in_the_venues_own_coin_is_told_and_leaves_the_holding_whole(pair: Pair) -> None:
    with pair.paying_fees_in("spot", "GT"):
        trade = pair.enter(quantity="0.05")
        assert D(pair.exit_of(trade, "stop")["quantity"]) == D("0.05")
        assert pair.close(trade["trade_id"])[0] == 200
    closed = pair.until_trade(trade["trade_id"], _is_over)
    assert {one["fee_currency"] for one in closed["fills"]} == {"GT"}
    paid = sum(D(one["fee"]) for one in closed["fills"])
    assert paid > 0
    # no market here has a price of it
    assert ({"GT": paid}, 0) == ({"GT": D(closed["unvalued_fees"]["GT"])}, D(closed["fees"]))
    assert D(closed["dust"]) == 0
    assert pair.triggers() == []


def test_a_holding_that_falls_below_the_least_worth_of_a_sale_is_closed_as_dust(pair: Pair) -> None:
    trade = pair.enter(quantity="0.0007", stop_loss_percent="2")
    held = D(pair.position(trade["trade_id"])["quantity"])
    pair.move("BTC", 4000)  # 2.8 USDT, and no sale is taken below 3
    closed = pair.until_trade(trade["trade_id"], _is_over, 30)
    assert (D(closed["dust"]), D(closed["dust_value"])) == (held, held * D(trade["entry_price"]))
    assert [one["side"] for one in closed["fills"]] == ["buy"]
    told = pair.api.get(f"/api/why/{trade['trade_id']}")[1]["trade"]
    assert (told["status"], told["dust"]) == ("closed", closed["dust"])
    assert pair.send(quantity="0.0007", side="sell")[0] == 422  # nothing is held any more


@pytest.mark.parametrize("leverage", [1, 2])
def test_leverage_is_refused_on_spot(pair: Pair, leverage: int) -> None:
    status, answer = pair.send(quantity="0.05", leverage=leverage)
    assert (status, answer.get("check")) == ((201, None) if leverage == 1 else (422, "leverage"))


def test_an_emergency_stop_sells_everything(pair: Pair) -> None:
    trades = [pair.enter(symbol=symbol, size_usd="200") for symbol in ("BTC_USDT", "ETH/USDT")]
    status, told = pair.api.post("/api/system/emergency-stop", {"reason": "test"})
    assert (status, told["status"], told["closed_positions"]) == (200, "flat", 2)
    for trade in trades:
        pair.assert_settled(pair.until_trade(trade["trade_id"], _is_over))


def _is_over(trade: Body) -> bool:
    exits = all(one["status"] in ("done", "cancelled") for one in trade["exits"])
    return trade["status"] == "closed" and exits


async def test_a_second_installation_enters_nothing_until_a_person_adopts(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await another_store.waits_for_a_person(pair, tmp_path / "var", monkeypatch)
