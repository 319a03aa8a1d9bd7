"""Live trades beside the backtest, over a paper market that runs thirty times as fast."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from tests.api_process import api_process
from tests.integration.trading.steps import ROOMY, Body, Pair
from tests.simulator_process import simulator_process

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("parity")]

D = Decimal
#: longer than any test here, in market time
HOLD_SECONDS = 80_000


@pytest.fixture(scope="module")
def fast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A pair whose market has gone on for a minute since its prices were set."""
    var = tmp_path_factory.mktemp("parity") / "var"
    with simulator_process(var, speed="30") as simulator, api_process(simulator, **ROOMY) as api:
        pair = Pair(simulator, api)
        settle(pair, "BTC", "4500")
        settle(pair, "ETH", "350")
        yield pair


def settle(pair: Pair, asset: str, price: str) -> None:
    """Hold a price until a bar has begun at it."""
    pair.simulator.move_price(asset, price, hold_seconds=HOLD_SECONDS)
    wait_for_bar(pair, market_time(pair))


def market_time(pair: Pair) -> datetime:
    return datetime.fromisoformat(pair.simulator.ask("GET", "/sim/clock")["market_time"])


def wait_for_bar(pair: Pair, since: datetime) -> None:
    """Wait until the bar has begun in which a backtest enters what is signalled at a moment."""
    begin = since.replace(second=0, microsecond=0) + timedelta(minutes=1)
    pair.until(lambda: market_time(pair) > begin or None, 60)


def row_of(pair: Pair, signal_id: str, is_reached: Callable[[Body], bool]) -> Body:
    """Return the row of a signal once it is as wished: its bars have to be over first."""

    def find() -> Body | None:
        status, found = pair.api.get("/api/parity?days=1")
        assert status == 200, found
        (row,) = (one for one in found["rows"] if one["signal_id"] == signal_id)
        return row if is_reached(row) else None

    return pair.until(find, 60)


def is_both(row: Body) -> bool:
    return bool(row["outcome"] == "both")


def enter(pair: Pair, **fields: object) -> Body:
    """Trade a signal and wait until a backtest has entered it too."""
    trade = pair.enter(quantity="0.05", **fields)
    signal = pair.api.get(f"/api/why/{trade['trade_id']}")[1]["signal"]["signal"]
    wait_for_bar(pair, datetime.fromisoformat(signal["created_at"]))
    return trade


def test_a_target_is_reached_on_both_sides_and_results_are_compared(fast: Pair) -> None:
    trade = enter(fast, stop_loss_percent="1", take_profit_percent="2")
    fast.simulator.move_price("BTC", "4600", hold_seconds=HOLD_SECONDS)
    closed = fast.until_trade(trade["trade_id"], lambda told: told["status"] == "closed")

    row = row_of(fast, trade["signal_id"], is_both)

    live, backtest = row["live"], row["backtest"]
    assert (live["reason"], backtest["reason"], row["has_same_reason"]) == ("target",) * 2 + (True,)
    assert D(live["net"]) == D(closed["net_pnl"]) - D(closed["funding"])
    assert D(row["pnl_usd"]) == D(live["net"]) - D(backtest["net"])
    # 4500 and two basis points on both sides; the target lies 2 % from where live had planned it
    assert D(backtest["entry_price"]) == D("4500.9")
    assert abs(row["entry_bps"]) < 20
    target = D(closed["target_price"])
    assert D(backtest["exit_price"]) == target * D("0.9998")
    assert D(backtest["net"]) > 0
    put_in = D(live["entry_price"]) * D(row["quantity"])
    assert row["pnl_bps"] == pytest.approx(float(D(row["pnl_usd"]) / put_in * 10_000), abs=0.01)
    settle(fast, "BTC", "4500")


def test_a_signal_of_the_other_side_closes_on_both_and_is_no_trade_of_its_own(fast: Pair) -> None:
    before = fast.api.get("/api/parity")[1]["closings"]
    trade = enter(fast, symbol="ETHUSDT", side="sell")
    status, told = fast.send(symbol="ETHUSDT", side="buy")
    assert (status, told["trade_id"]) == (201, trade["trade_id"])

    row = row_of(fast, trade["signal_id"], is_both)

    assert row["live"]["reason"] == row["backtest"]["reason"]
    assert row["backtest"]["reason"].startswith("signal ")
    # nothing has moved: what is lost are the spread, or the slippage, and two fees
    assert max(D(row["live"]["net"]), D(row["backtest"]["net"])) < 0
    found = fast.api.get("/api/parity")[1]
    assert found["closings"] == before + 1
    assert found["threshold_bps"] == "25"


def test_what_risk_has_refused_is_followed_all_the_same(fast: Pair) -> None:
    status, told = fast.send(leverage=120, stop_loss_percent="1")
    assert status == 422, told
    signals = fast.api.get("/api/signals?limit=1")[1]["signals"]

    row = row_of(fast, signals[0]["signal_id"], lambda one: one["outcome"] == "backtest_only")

    assert (row["live"]["status"], row["live"]["note"]) == ("refused", "leverage")
    assert (row["backtest"]["status"], row["trade_id"]) == ("open", None)


def test_a_limit_that_nobody_reaches_was_traded_by_neither(fast: Pair) -> None:
    status, trade = fast.send(entry_type="limit", price="4300", quantity="0.05")
    assert status == 201, trade
    (order,) = trade["orders"]
    assert fast.api.call("DELETE", f"/order/BTC_USDT:USDT/{order['order_id']}")[0] == 200

    row = row_of(fast, trade["signal_id"], lambda one: one["outcome"] == "neither")

    assert (row["live"]["status"], row["backtest"]["status"]) == ("not_placed", "unfilled")


def test_what_no_backtest_can_go_by_is_refused_by_name(fast: Pair) -> None:
    for name, value in (("timeframe", "0m"), ("slippage_bps", "-1"), ("slippage_bps", "1001")):
        status, told = fast.api.get(f"/api/parity?{name}={value}")

        assert (status, told["errors"][0]["field"]) == (422, name)
