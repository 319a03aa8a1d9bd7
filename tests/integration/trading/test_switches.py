"""What holds entries back: the emergency stop, maintenance, and the latches of loss."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.api_process import trading_pair
from tests.integration.trading.steps import Body, Pair

D = Decimal
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("perpetual")]

STOP, RELEASE = "/api/system/emergency-stop", "/api/system/release"


@pytest.fixture
def pair(perpetual_pair: Pair) -> Pair:
    perpetual_pair.begin()
    return perpetual_pair


@pytest.fixture
def strict(strict_pair: Pair) -> Pair:
    strict_pair.begin()
    return strict_pair


def test_an_emergency_stop_ends_flat_and_stays_locked(pair: Pair) -> None:
    held = pair.enter(quantity="0.05")
    resting = pair.send(symbol="ETHUSDT", entry_type="limit", price="330", quantity="0.5")[1]
    status, told = pair.api.post(STOP, {"reason": "a test"})
    assert (status, told["status"], told["problems"]) == (200, "flat", [])
    assert (told["cancelled_orders"], told["closed_positions"]) == (1, 1)
    assert pair.trade(resting["trade_id"])["status"] == "not_placed"
    assert pair.api.get("/account")[1]["positions"] == []
    refusal = pair.send(quantity="0.05")[1]
    assert (refusal["check"], refusal["detail"]) == ("emergency_stop", "a test")
    assert not pair.api.get("/health", token=None)[1]["entries_allowed"]
    pair.assert_settled(pair.until_trade(held["trade_id"], _is_over))
    again = pair.api.post(STOP, {"reason": "another"})[1]
    assert (again["status"], again["closed_positions"]) == ("flat", 0)
    assert pair.risk()["emergency_stop"] == "a test"


def test_a_release_takes_two_steps(pair: Pair) -> None:
    assert pair.api.post(RELEASE)[0] == 409
    pair.api.post(STOP)
    assert pair.api.post(RELEASE, {"confirmation": "guess"})[0] == 409
    code = pair.api.post(RELEASE)[1]["confirmation"]
    assert pair.api.post(RELEASE, {"confirmation": code + "x"})[0] == 409
    assert pair.send(quantity="0.05")[1]["check"] == "emergency_stop"
    newer = pair.api.post(RELEASE)[1]["confirmation"]
    assert pair.api.post(RELEASE, {"confirmation": code})[0] == 409
    assert pair.api.post(RELEASE, {"confirmation": newer}) == (
        200,
        {"status": "released", "confirmation": None, "expires_at": None},
    )
    assert pair.api.post(RELEASE, {"confirmation": newer})[0] == 409
    assert pair.send(quantity="0.05")[0] == 201


def test_a_confirmation_expires(pair: Pair) -> None:
    pair.api.post(STOP)
    told = pair.api.post(RELEASE)[1]
    assert timedelta(0) < datetime.fromisoformat(told["expires_at"]) - datetime.now(UTC)
    with sqlite3.connect(pair.api.var / "data" / "cerberus.db", timeout=10) as database:
        aged = {"code": told["confirmation"], "expires_at": "2020-01-01T00:00:00+00:00"}
        query = "UPDATE facts SET value = ? WHERE name = 'release'"
        assert database.execute(query, [json.dumps(aged)]).rowcount == 1
    database.close()
    assert pair.api.post(RELEASE, {"confirmation": told["confirmation"]})[0] == 409


def test_an_old_price_and_a_wide_spread_hold_entries_back(tmp_path: Path) -> None:
    variables = {
        "CERBERUS_RISK_MAX_SPREAD_PERCENT": "0.001",
        "CERBERUS_RISK_MAX_QUOTE_AGE_SECONDS": "0.001",
    }
    with trading_pair(tmp_path / "var", **variables) as (simulator, api):
        strict = Pair(simulator, api)

        def failed() -> list[str] | None:
            body = {"signal": strict.signal(quantity="0.05")}
            checks = api.post("/api/risk/assess", body)[1]["checks"]
            names = [one["name"] for one in checks if not one["passed"]]
            return names if len(names) > 1 else None

        assert strict.until(failed) == ["stale_price", "spread"]
        assert strict.send(quantity="0.05")[0] == 422
        assert simulator.orders() == []


def test_maintenance_holds_entries_back_and_lets_closes_through(pair: Pair) -> None:
    trade = pair.enter(quantity="0.05")
    pair.api.post("/api/system/maintenance", {"on": True, "reason": "new disk"})
    refusal = pair.send(symbol="ETHUSDT", quantity="0.5")[1]
    assert (refusal["check"], refusal["detail"]) == ("maintenance", "new disk")
    assert pair.send(side="sell")[1]["status"] == "closed"
    pair.until_trade(trade["trade_id"], _is_over)
    pair.api.post("/api/system/maintenance", {"on": False})
    assert pair.send(quantity="0.05")[0] == 201


def test_positions_cooldown_and_losses_hold_entries_back(strict: Pair) -> None:
    """One story, since what a day has lost stays lost."""
    _one_position_at_most(strict)
    _cooldown_and_force(strict)
    _losses_in_a_row(strict)
    _drawdown(strict)
    _loss_of_the_day(strict)


def _one_position_at_most(strict: Pair) -> None:
    trade = strict.enter(quantity="0.05")
    refusal = strict.send(symbol="ETHUSDT", quantity="0.5")[1]
    assert (refusal["check"], refusal["value"], refusal["limit"]) == ("max_positions", "1", "1")
    assert strict.close(trade["trade_id"])[0] == 200


def _cooldown_and_force(strict: Pair) -> None:
    wish = {"force_execution": True, "signal": strict.signal(quantity="0.05")}
    status, refusal = strict.api.post("/api/trades", {"signal": wish["signal"]})
    assert (status, refusal["check"], refusal["limit"]) == (422, "cooldown", "20 s")
    wish["signal"] = strict.signal(quantity="0.05")
    before = strict.counts()
    assert strict.api.post("/api/trades", wish)[0] == 403
    assert strict.counts() == before
    status, trade = strict.api.post("/api/trades", wish, token="admin_token")
    assert status == 201
    assert strict.close(trade["trade_id"])[0] == 200


def _losses_in_a_row(strict: Pair) -> None:
    assert strict.risk()["losses_in_a_row"] == 2
    refusal = strict.send(symbol="ETHUSDT", quantity="0.5")[1]
    assert (refusal["check"], refusal["value"]) == ("losses_in_a_row", "2")
    assert strict.api.post("/api/risk/reset")[0] == 403
    assert strict.api.post("/api/risk/reset", token="admin_token")[0] == 200


def _drawdown(strict: Pair) -> None:
    """1 % of 20 000 is 200: lost while the position is open, and won back."""
    trade = strict.enter(symbol="ETHUSDT", quantity="10", stop_loss_percent="10")
    strict.move("ETH", 328)
    strict.until(lambda: True if strict.risk()["drawdown_latched"] else None)
    strict.move("ETH", 350)
    assert strict.close(trade["trade_id"])[0] == 200
    _cooled_down(strict, "BTCUSDT")
    assert strict.send(quantity="0.05")[1]["check"] == "drawdown"
    assert strict.api.post("/api/risk/reset", token="admin_token")[0] == 200


def _loss_of_the_day(strict: Pair) -> None:
    trade = strict.enter(quantity="0.5", stop_loss_percent="5")
    strict.move("BTC", 4400)
    assert strict.close(trade["trade_id"])[0] == 200
    _cooled_down(strict, "ETHUSDT")
    for _ in range(2):
        assert strict.send(symbol="ETHUSDT", quantity="0.5")[1]["check"] == "daily_loss"
        strict.api.post("/api/risk/reset", token="admin_token")


def _cooled_down(strict: Pair, symbol: str) -> None:
    def passed() -> bool | None:
        body = {"signal": strict.signal(symbol=symbol, quantity="0.05" if "B" in symbol else "0.5")}
        checks = strict.api.post("/api/risk/assess", body)[1]["checks"]
        return True if all(one["passed"] for one in checks if one["name"] == "cooldown") else None

    strict.until(passed, 30)


def _is_over(trade: Body) -> bool:
    exits = all(one["status"] in ("done", "cancelled") for one in trade["exits"])
    return trade["status"] == "closed" and exits
