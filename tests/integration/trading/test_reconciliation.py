"""Reconciliation with a person, or another program, that trades on the same account."""

import asyncio
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.api_process import trading_pair
from tests.integration.trading.steps import ROOMY, Body, Pair

D = Decimal
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("reconciliation")]

BTC, ETH = "BTC/USDT:USDT", "ETH/USDT:USDT"


@pytest.fixture(scope="module")
def shared_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    var = tmp_path_factory.mktemp("both") / "var"
    with trading_pair(var, **ROOMY) as (simulator, api):
        yield Pair(simulator, api)


@pytest.fixture
def pair(shared_pair: Pair) -> Iterator[Pair]:
    shared_pair.begin()
    yield shared_pair
    _leave_nothing(shared_pair)


def test_what_is_ours_agrees_and_a_second_run_changes_nothing(pair: Pair) -> None:
    _count_every_drift_to_its_wallet(pair)
    pair.enter(quantity="0.05")
    pair.send(symbol="ETHUSDT", entry_type="limit", price="340", quantity="0.5")
    first = _run(pair)
    before, audited = pair.counts(), _books(pair)
    again = _run(pair)
    assert {one["outcome"] for one in again["items"]} == {"agree"}, again
    assert {one["kind"] for one in again["items"]} == {"order", "trigger", "position", "balance"}
    assert (again["items"], again["unsettled"]) == (first["items"], {})
    assert (pair.counts(), _books(pair)) == (before, audited)
    assert D(again["drift_by_symbol"][BTC]) == 0
    assert abs(D(again["drift_by_wallet"]["swap USDT"])) < D("0.01")
    assert abs(D(again["pnl_difference"])) < D("0.01")


def test_a_foreign_order_blocks_every_entry_until_its_owner_takes_it_away(pair: Pair) -> None:
    order_id = _foreign_order(pair, ETH, "buy", 3, 340)
    report = _run(pair)
    assert _of(report, "order", ETH)["outcome"] == "foreign"
    assert _refusal(pair, symbol="BTCUSDT", quantity="0.05")["check"] == "foreign"
    assert "is not ours" in pair.risk()["foreign"]
    _with_client(pair, lambda client: client.cancel_order(order_id, ETH))
    assert _run(pair)["entry_block"] == ""
    assert pair.enter(quantity="0.05")["status"] == "open"


def test_an_adopted_order_is_followed_and_protected_like_our_own(pair: Pair) -> None:
    order_id = _foreign_order(pair, ETH, "buy", 3, 340)
    _run(pair)
    body = {"symbol": ETH, "venue_id": order_id}
    assert pair.api.post("/api/reconciliation/adopt", body)[0] == 403
    status, told = pair.api.post("/api/reconciliation/adopt", body, token="admin_token")
    assert (status, told["status"]) == (200, "taken into the books")
    assert _run(pair)["counts"]["foreign"] == 0
    trade = _newest_trade(pair)
    assert (trade["strategy"], trade["status"]) == ("adopted", "pending")
    assert pair.risk()["reserved"] != {}
    pair.move("ETH", "339")
    held = pair.until_trade(trade["trade_id"], lambda one: one["protected"])
    assert (held["symbol"], D(held["filled_quantity"])) == (ETH, D("0.03"))
    again = pair.api.post("/api/reconciliation/adopt", body, token="admin_token")
    assert again[0] == 404


def test_a_foreign_trigger_is_left_to_its_owner_and_blocks_no_more(pair: Pair) -> None:
    trigger_id = _with_client(
        pair,
        lambda client: client.create_order(
            ETH, "market", "sell", 2, None, {"stopLossPrice": 300, "reduceOnly": True}
        ),
    )["id"]
    report = _run(pair)
    assert _of(report, "trigger", ETH)["outcome"] == "foreign"
    assert _adopt(pair, ETH, trigger_id) == "left to its owner"
    assert _of(_run(pair), "trigger", ETH)["outcome"] == "adopted"
    assert pair.enter(quantity="0.05")["status"] == "open"
    assert trigger_id in {str(one["id"]) for one in pair.triggers()}


def test_a_foreign_position_blocks_entries_until_it_is_adopted_and_protected(pair: Pair) -> None:
    _trade_foreign(pair, ETH, "sell", 40)
    report = _run_until(pair, lambda told: _of(told, "position", ETH)["outcome"] == "foreign")
    assert D(_of(report, "position", ETH)["there"]) == D("-0.4")
    refused = _refusal(pair, symbol="BTCUSDT", quantity="0.05")
    assert (refused["check"], refused["status"]) == ("foreign", 422)
    assert _alerts(pair, "foreign")[0]["status"] == "open"
    assert _adopt(pair, ETH, "position") == "taken into the books"
    held = pair.until_trade(_newest_trade(pair)["trade_id"], lambda one: one["protected"])
    assert (held["side"], D(held["filled_quantity"])) == ("sell", D("0.4"))
    assert _run(pair)["counts"]["foreign"] == 0
    assert _alerts(pair, "foreign")[0]["status"] == "resolved"
    assert pair.enter(quantity="0.05")["status"] == "open"
    assert pair.close(held["trade_id"])[0] == 200


def test_what_somebody_added_to_our_position_joins_it_once_adopted(pair: Pair) -> None:
    trade = pair.enter(quantity="0.05")
    _trade_foreign(pair, BTC, "buy", 200)
    _run_until(pair, lambda told: _of(told, "position", BTC)["outcome"] == "foreign")
    assert _adopt(pair, BTC, "position") == "taken into the books"
    grown = pair.until_trade(
        trade["trade_id"], lambda one: one["protected"] and D(one["filled_quantity"]) == D("0.07")
    )
    assert D(pair.position(grown["trade_id"])["quantity"]) == D("0.07")
    assert _run(pair)["counts"]["agree"] == len(_run(pair)["items"])


@pytest.mark.parametrize("contracts", [500, 200])
def test_what_was_closed_behind_our_back_is_booked_from_the_venues_fills(
    pair: Pair, contracts: int
) -> None:
    trade = pair.enter(quantity="0.05")
    _trade_foreign(pair, BTC, "sell", contracts, reduceOnly=True)
    left = D("0.05") - D(contracts) / 10_000

    def is_booked(_: Body) -> bool:
        return D(pair.position(trade["trade_id"])["quantity"]) == left

    _run_until(pair, is_booked)
    told = pair.until_trade(
        trade["trade_id"], lambda one: one["protected"] or one["status"] == "closed"
    )
    assert told["orders"][-1]["reason"] == "closed at the venue, not by us"
    if not left:
        assert told["status"] == "closed"
        pair.until(lambda: True if not pair.triggers() else None)
        pair.assert_settled(pair.trade(trade["trade_id"]))
    else:
        pair.until(lambda: True if _resting_sizes(pair) == [left] * 2 else None)
    assert _run(pair)["counts"]["agree"] == len(_run(pair)["items"])
    assert pair.risk()["foreign"] == ""


def test_an_exit_that_somebody_cancelled_is_armed_again(pair: Pair) -> None:
    trade = pair.enter(quantity="0.05")
    gone = pair.exit_of(trade, "stop")["venue_id"]
    _with_client(pair, lambda client: client.cancel_order(gone, BTC, {"trigger": True}))
    _run(pair)
    again = pair.until_trade(
        trade["trade_id"], lambda one: pair.exit_of(one, "stop")["venue_id"] not in (gone, None)
    )
    there = {str(one["id"]) for one in pair.triggers()}
    assert pair.exit_of(again, "stop")["venue_id"] in there
    assert _run(pair)["counts"]["agree"] == len(_run(pair)["items"])


def test_a_turned_position_puts_its_symbol_in_quarantine_and_the_rest_trades_on(
    pair: Pair,
) -> None:
    trade = pair.enter(quantity="0.05")
    _trade_foreign(pair, BTC, "sell", 700)
    report = _run_until(pair, lambda told: BTC in told["quarantined"])
    assert _of(report, "position", BTC)["outcome"] == "quarantined"
    assert _alerts(pair, "quarantine")[0]["level"] == "CRITICAL"
    assert pair.enter(symbol="ETHUSDT", quantity="0.5")["status"] == "open"
    # back to what we know: the quarantine stays until a person lifts it
    _trade_foreign(pair, BTC, "buy", 700)
    _run_until(pair, lambda told: told["counts"]["quarantined"] == 0)
    for fill in _run(pair)["items"]:
        if fill["kind"] == "fill":
            assert _adopt(pair, BTC, fill["venue_id"]) == "left to its owner"
    assert pair.close(trade["trade_id"])[0] == 200, "what reduces passes a quarantine"
    assert _refusal(pair, quantity="0.05")["check"] == "quarantine"
    body = {"symbol": BTC}
    assert pair.api.post("/api/reconciliation/release", body)[0] == 403
    assert pair.api.post("/api/reconciliation/release", body, token="admin_token")[0] == 200
    assert pair.api.post("/api/reconciliation/release", body, token="admin_token")[0] == 404
    assert _alerts(pair, "quarantine")[0]["status"] == "resolved"
    assert pair.enter(quantity="0.05")["status"] == "open"


def test_a_position_that_cannot_be_explained_is_written_off_by_a_person(pair: Pair) -> None:
    trade = pair.enter(quantity="0.05")
    body = {"position_id": pair.position(trade["trade_id"])["position_id"], "reason": "a mishap"}
    body |= {"result_usd": "-12.5"}
    path = "/api/reconciliation/write-off"
    assert pair.api.post(path, body, token="admin_token")[0] == 409, "it is in no quarantine"
    _trade_foreign(pair, BTC, "sell", 700)
    _run_until(pair, lambda told: BTC in told["quarantined"])
    sent = len(pair.simulator.orders())
    assert pair.api.post(path, body)[0] == 403
    status, told = pair.api.post(path, body, token="admin_token")
    assert (status, told["is_open"], D(told["quantity"]), D(told["dust"])) == (
        *(200, False, 0),
        D("0.05"),
    )
    assert D(told["realised_pnl"]) == D("-12.5")
    kept = pair.until_trade(trade["trade_id"], _has_no_exits)
    reason = "written off, result -12.5 USD, as stated: a mishap"
    assert (kept["status"], kept["close_reason"]) == ("closed", reason)
    assert len(pair.simulator.orders()) == sent, "nothing was sent to the venue"
    assert pair.api.post(path, body, token="admin_token")[0] == 409, "it is closed already"
    # what is at the venue is somebody else's now
    assert _of(_run(pair), "position", BTC)["outcome"] == "foreign"
    _trade_foreign(pair, BTC, "buy", 200)
    lifted = pair.api.post("/api/reconciliation/release", {"symbol": BTC}, token="admin_token")
    assert lifted[0] == 200
    _run_until(pair, lambda told: not told["entry_block"] and not told["quarantined"])


def test_a_drifted_balance_is_told_and_blocks_nothing(pair: Pair) -> None:
    _count_every_drift_to_its_wallet(pair)
    paid = {"account": "futures", "currency": "USDT", "amount": "250"}
    pair.simulator.ask("POST", "/sim/deposit", paid)
    report = _run_until(pair, lambda told: told["counts"]["foreign"] == 1)
    drifted = _of(report, "balance", "swap USDT")
    assert abs(D(drifted["there"]) - D(drifted["ours"]) - 250) < D("0.01")
    assert abs(D(report["drift_by_wallet"]["swap USDT"]) - 250) < D("0.01")
    text = pair.api.get("/metrics/prometheus", token=None)[1]
    assert 'cerberus_reconciliation_balance_drift_amount{wallet="swap USDT"} 250' in text
    assert "cerberus_reconciliation_pnl_difference_usd 250" in text
    assert pair.enter(quantity="0.05")["status"] == "open"
    assert _adopt(pair, "swap USDT", "balance") == "counted to the wallet"
    assert _run_until(pair, lambda told: told["counts"]["foreign"] == 0)["entry_block"] == ""


def test_a_start_on_another_store_lets_no_entry_through(
    pair: Pair, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The account is not empty, and the new books know nothing of it."""
    pair.enter(quantity="0.05")
    pair.api.stop()
    file = f"sqlite:///{tmp_path_factory.mktemp('other') / 'other.db'}"
    kept = dict(pair.api.environment)
    pair.api.environment["CERBERUS_DATABASE_URL"] = file
    try:
        pair.api.start()
        refused = _refusal(pair, symbol="ETHUSDT", quantity="0.5")
        assert refused["check"] == "foreign"
        told = pair.api.get("/api/reconciliation?outcome=foreign")[1]["items"]
        assert {one["kind"] for one in told} == {"position", "trigger"}
    finally:
        pair.api.stop()
        pair.api.environment.clear()
        pair.api.environment.update(kept)
        pair.api.start()
    assert _run(pair)["counts"]["foreign"] == 0


@pytest.mark.parametrize(
    ("route", "body", "field"),
    [
        ("adopt", {"symbol": BTC}, "venue_id"),
        ("adopt", {"symbol": BTC, "venue_id": ""}, "venue_id"),
        ("release", {"symbol": "B"}, "symbol"),
        ("release", {"symbol": BTC, "why": "so"}, "why"),
        ("write-off", {"position_id": "p"}, "reason"),
        ("write-off", {"position_id": "p", "reason": "so", "result_usd": "NaN"}, "result_usd"),
    ],
)
def test_a_wrong_field_is_named(pair: Pair, route: str, body: Body, field: str) -> None:
    status, told = pair.api.post(f"/api/reconciliation/{route}", body, token="admin_token")
    assert (status, told["errors"][0]["field"]) == (422, field)


def _has_no_exits(trade: Body) -> bool:
    return all(one["status"] in ("done", "cancelled") for one in trade["exits"])


def _run(pair: Pair) -> Body:
    status, report = pair.api.post("/api/reconciliation/run")
    assert status == 200, report
    found: Body = report
    return found


def _run_until(pair: Pair, is_reached: Callable[[Body], bool]) -> Body:
    """Run until it is as wished: what happened a moment ago is not judged."""

    def find() -> Body | None:
        report = _run(pair)
        return report if is_reached(report) else None

    return pair.until(find, 40)


def _of(report: Body, kind: str, symbol: str) -> Body:
    nothing: Body = {"outcome": "", "ours": "0", "there": "0"}
    found = (one for one in report["items"] if (one["kind"], one["symbol"]) == (kind, symbol))
    return next(found, nothing)


def _adopt(pair: Pair, symbol: str, venue_id: str) -> str:
    body = {"symbol": symbol, "venue_id": venue_id}
    status, told = pair.api.post("/api/reconciliation/adopt", body, token="admin_token")
    assert status == 200, told
    return str(told["status"])


def _refusal(pair: Pair, **fields: object) -> Body:
    status, told = pair.send(**fields)
    assert status == 422, told
    return told


def _books(pair: Pair) -> list[Any]:
    paths = ("/api/orders?limit=500", "/api/exits?limit=500", "/api/positions?limit=500")
    return [pair.api.get(path)[1] for path in paths]


def _alerts(pair: Pair, name: str) -> list[Body]:
    found: list[Body] = pair.api.get(f"/api/alerts?name={name}")[1]["alerts"]
    return found


def _newest_trade(pair: Pair) -> Body:
    found: Body = pair.api.get("/api/trades?limit=1")[1]["trades"][0]
    return found


def _resting_sizes(pair: Pair) -> list[Decimal]:
    return [D(one["quantity"]) / 10_000 for one in pair.triggers()]


def _foreign_order(pair: Pair, symbol: str, side: str, contracts: int, price: int) -> str:
    placed = _with_client(
        pair, lambda client: client.create_order(symbol, "limit", side, contracts, price)
    )
    return str(placed["id"])


def _trade_foreign(pair: Pair, symbol: str, side: str, contracts: int, **more: object) -> None:
    _with_client(
        pair, lambda client: client.create_order(symbol, "market", side, contracts, None, more)
    )


def _with_client(pair: Pair, call: Callable[[Any], Any]) -> Any:
    """Call the venue as somebody else on the same account."""

    async def work() -> Any:
        client = pair.simulator.client()
        try:
            await client.load_markets()
            return await call(client)
        finally:
            await client.close()

    return asyncio.run(work())


def _count_every_drift_to_its_wallet(pair: Pair) -> None:
    """Begin without the gains and losses of what other tests did as somebody else."""

    def is_level(report: Body) -> bool:
        if _of(report, "balance", "swap USDT")["outcome"] == "foreign":
            _adopt(pair, "swap USDT", "balance")
        return bool(_of(report, "balance", "swap USDT")["outcome"] == "agree")

    _run_until(pair, is_level)


def _leave_nothing(pair: Pair) -> None:
    """Take away what a test has left of somebody else's; ours goes at the next beginning."""

    async def clear(client: Any) -> None:
        ours = pair.api.get("/api/exits?limit=500")[1]["exits"]
        mine = {one["venue_id"] for one in ours}
        for one in await client.fetch_open_orders(None, None, None, {"type": "swap"}):
            await client.cancel_order(one["id"], one["symbol"])
        for symbol in (BTC, ETH):
            for one in await client.fetch_open_orders(symbol, None, None, {"trigger": True}):
                if one["id"] not in mine:
                    await client.cancel_order(one["id"], symbol, {"trigger": True})

    _with_client(pair, clear)
