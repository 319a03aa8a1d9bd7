"""The way of a signal on Binance's wire: the same services, another venue by a setting."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.api_process import trading_pair
from tests.integration.trading import another_store
from tests.integration.trading.steps import PRICES, ROOMY, Body, Pair

D = Decimal
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("binance")]


@pytest.fixture(scope="module", params=["swap", "spot"])
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    variables = ROOMY | {"CERBERUS_EXCHANGE": "binance", "MARKET_TYPE": request.param}
    var = tmp_path_factory.mktemp("binance") / "var"
    with trading_pair(var, **variables) as (simulator, api):
        yield Pair(simulator, api)


@pytest.fixture
def pair(shared: Pair) -> Pair:
    shared.simulator.ask("DELETE", "/sim/limits")
    shared.begin()
    return shared


def _drift(pair: Pair) -> Decimal | None:
    """Return the drift of the perpetuals' wallet, None while something moves."""
    status, told = pair.api.post("/api/reconciliation/run")
    found = told["drift_by_wallet"].get("swap USDT") if status == 200 else None
    return None if found is None else D(found)


def _is_over(trade: Body) -> bool:
    ended = all(one["status"] in ("done", "cancelled") for one in trade["exits"])
    return trade["status"] == "closed" and ended


@pytest.mark.parametrize(("price", "kind"), [(4400, "stop"), (4700, "target")])
def test_an_exit_that_fires_closes_the_trade(pair: Pair, price: int, kind: str) -> None:
    trade = pair.enter(quantity="0.05", stop_loss_percent="2", take_profit_percent="4")
    pair.move("BTC", price)

    closed = pair.until_trade(trade["trade_id"], _is_over)

    assert closed["close_reason"] == kind
    assert (D(closed["realised_pnl"]) > 0) == (kind == "target")
    pair.assert_settled(closed)


def test_a_close_leaves_nothing_at_the_venue(pair: Pair) -> None:
    trade = pair.enter(quantity="0.05")
    assert pair.close(trade["trade_id"])[0] == 200
    pair.assert_settled(pair.until_trade(trade["trade_id"], _is_over))


def test_a_fee_in_another_coin_is_valued_where_that_coin_has_a_price(
    pair: Pair, request: pytest.FixtureRequest
) -> None:
    is_swap = request.node.callspec.params["shared"] == "swap"
    account, coin = ("futures", "ETH") if is_swap else ("spot", "BNB")
    with pair.paying_fees_in(account, coin):
        trade = pair.enter(quantity="0.05")
        assert D(pair.exit_of(trade, "stop")["quantity"]) == D("0.05")
        assert pair.close(trade["trade_id"])[0] == 200
    closed = pair.until_trade(trade["trade_id"], _is_over)
    paid = sum(D(one["fee"]) for one in closed["fills"])
    assert paid > 0
    assert {one["fee_currency"] for one in closed["fills"]} == {coin}
    if is_swap:
        worth = sum(D(one["fee_value"]) for one in closed["fills"])
        assert D("0.99") < worth / (paid * D(PRICES["ETH"])) < D("1.01")
        assert worth == D(closed["fees"]) == D(closed["coin_fees"])
        assert D(closed["net_pnl"]) == D(closed["realised_pnl"]) - worth
        drift = pair.until(lambda: _drift(pair))
        assert abs(drift) < D("0.01")
    else:
        assert [one["fee_value"] for one in closed["fills"]] == [None] * len(closed["fills"])
        assert D(closed["unvalued_fees"]["BNB"]) == paid
        assert D(closed["fees"]) == 0


def test_an_entry_rests_no_longer_than_its_signal_lives(pair: Pair) -> None:
    pair.lets_an_entry_rest_until_its_signal_ends()


@pytest.mark.parametrize("size", [{"size_usd": "225"}, {"size_percent": "2"}])
def test_a_size_in_usd_or_percent_becomes_a_quantity_on_the_step(
    pair: Pair, size: dict[str, str]
) -> None:
    # each wallet began with 10,000 USDT, and trading has moved it by little
    usd = D(size.get("size_usd") or D(10_000) * D(size["size_percent"]) / 100)
    trade = pair.enter(**size)
    assert abs(D(trade["filled_quantity"]) * D(trade["planned_price"]) / usd - 1) < D("0.05")


def test_a_lost_answer_is_asked_about_and_sent_once(pair: Pair) -> None:
    pair.simulator.order_fault("reset_after", method="POST", path="order$")

    status, trade = pair.send(quantity="0.05")

    assert status in (201, 202)
    held = pair.until_trade(trade["trade_id"], lambda told: told["protected"])
    assert len(pair.sent_as(held["orders"][0]["client_id"])) == 1


def test_an_emergency_stop_closes_everything(pair: Pair) -> None:
    trade = pair.enter(quantity="0.05")
    status, _ = pair.api.post("/api/system/emergency-stop", {"reason": "test"})

    assert status in (200, 202)
    pair.assert_settled(pair.until_trade(trade["trade_id"], _is_over, 20))


@pytest.mark.long
async def test_a_second_installation_enters_nothing_until_a_person_adopts(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await another_store.waits_for_a_person(pair, tmp_path / "var", monkeypatch)
