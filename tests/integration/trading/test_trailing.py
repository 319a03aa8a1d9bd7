"""Stops that follow the price, at a real simulator."""

from decimal import Decimal

import pytest

from tests.integration.trading.steps import Body, Pair

D = Decimal
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("perpetual")]


def stops(pair: Pair, trade: Body) -> list[Decimal]:
    """Return the prices of the stops at the venue: the triggers on the losing side."""
    sign = 1 if trade["side"] == "buy" else -1
    prices = [D(one["trigger_price"]) for one in pair.triggers()]
    market = D(pair.api.get(f"/price/{trade['symbol'].replace('/', '_')}")[1]["mid"])
    return [price for price in prices if (market - price) * sign > 0]


def until_stop_is(pair: Pair, trade: Body, price: str) -> Body:
    """Wait until one stop alone rests, at about this price, and return the trade."""

    def find() -> Body | None:
        resting = stops(pair, trade)
        told = pair.trade(trade["trade_id"])
        near = [one for one in resting if abs(one - D(price)) < D(price) / 500]
        return told if len(resting) == len(near) == 1 and told["protected"] else None

    return pair.until(find, 30)


@pytest.mark.parametrize(
    ("side", "first", "path"),
    [
        ("buy", "4455", [("4600", "4554"), ("4560", "4554"), ("4700", "4653")]),
        ("sell", "4545", [("4400", "4444"), ("4440", "4444"), ("4300", "4343")]),
    ],
)
def test_the_stop_of_a_perpetual_follows_and_then_closes_with_a_gain(
    perpetual_pair: Pair, side: str, first: str, path: list[tuple[str, str]]
) -> None:
    pair = perpetual_pair
    pair.begin()
    trade = pair.enter(
        side=side,
        quantity="0.02",
        stop_loss_percent="1",
        take_profit_percent="20",
        trailing_stop_percent="1",
    )
    told = until_stop_is(pair, trade, first)
    assert D(told["trailing_percent"]) == 1
    for price, stop in path:
        pair.move("BTC", price)
        told = until_stop_is(pair, trade, stop)
    assert D(told["stop_price"]) == D(trade["stop_price"])  # the plan stays known
    pair.move("BTC", D(path[-1][1]) + (-12 if side == "buy" else 12))
    closed = pair.until_trade(trade["trade_id"], lambda told: told["status"] == "closed")
    assert closed["close_reason"] == "stop"
    assert D(closed["realised_pnl"]) > 0
    pair.assert_settled(closed)


def test_a_stop_goes_on_following_after_a_kill(perpetual_pair: Pair) -> None:
    pair = perpetual_pair
    pair.begin()
    trade = pair.enter(
        quantity="0.02",
        stop_loss_percent="2",
        take_profit_percent="20",
        trailing_stop_percent="1",
    )
    pair.move("BTC", "4600")
    until_stop_is(pair, trade, "4554")
    pair.api.kill()
    pair.move("BTC", "4800")
    pair.api.start()
    told = until_stop_is(pair, trade, "4752")
    assert abs(D(told["present_stop"]) - 4752) < 10


def test_a_stop_on_spot_follows_for_what_was_received(spot_pair: Pair) -> None:
    pair = spot_pair
    pair.begin()
    trade = pair.enter(quantity="0.05", trailing_stop_percent="1", take_profit_percent="20")
    pair.move("BTC", "4700")
    until_stop_is(pair, trade, "4653")
    pair.move("BTC", "4600")
    closed = pair.until_trade(trade["trade_id"], lambda told: told["status"] == "closed")
    assert closed["close_reason"] == "stop"
    pair.assert_settled(closed)


@pytest.mark.parametrize("distance", ["0", "-1", "100", "NaN", "one"])
def test_a_distance_that_is_none_is_refused(perpetual_pair: Pair, distance: str) -> None:
    status, told = perpetual_pair.send(quantity="0.02", trailing_stop_percent=distance)
    assert status == 422
    assert [error["field"] for error in told["errors"]] == ["signal.trailing_stop_percent"]
