"""The nightly comparison with the backtest on the real engine: by day, by range, and failing."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from tests.engine_process import EngineProcess
from tests.flows.few_answers import Alone, told_people
from tests.flows.pipeline import Shown, Stack, signal

pytestmark = [pytest.mark.engine, pytest.mark.stack, pytest.mark.xdist_group("flows")]

FLOW = "cerberus.analytics/cerberus-parity"
ROUTE = "/api/parity"


def answer(**changes: object) -> Shown:
    """Return what the API tells of one trade that live has left by its stop."""
    row = {
        "signal_id": "s1",
        "symbol": "BTC/USDT:USDT",
        "side": "buy",
        "at": "2026-03-02T12:00:00Z",
        "outcome": "both",
        "note": "",
        "live": {"status": "closed", "reason": "stop", "note": ""},
        "backtest": {"status": "closed", "reason": "target"},
        "entry_bps": 3.25,
        "exit_bps": 300.0,
        "pnl_usd": "-15.2",
        "pnl_bps": -304.0,
    }
    outcomes = ("both", "open", "live_only", "backtest_only", "neither", "waiting", "unknown")
    told = {
        "threshold_bps": "25",
        "is_beyond": True,
        "counts": dict.fromkeys(outcomes, 0) | {"both": 1},
        "live_usd": "-5.2",
        "backtest_usd": "10",
        "difference_usd": "-15.2",
        "missed_usd": "0",
        "other_reasons": 1,
        "medians": {"entry_bps": 3.25, "exit_bps": 300.0, "pnl_bps": -304, "distance_bps": 304},
        "largest": ["s1"],
        "rows": [row],
    }
    return {**told, **changes}


def table_of(engine: EngineProcess, execution: Shown) -> str:
    """Return the table in an execution's log."""
    lines = engine.messages(execution["id"], containing="outcome")
    (table,) = (line for line in lines if line.startswith("\nsymbol "))
    return table


def test_a_live_trade_is_put_beside_its_backtest(flat: Stack) -> None:
    # old enough for two bars to be over: this stack's market hardly moves
    market = datetime.fromisoformat(flat.simulator.ask("GET", "/sim/clock")["market_time"])
    created = (market - timedelta(minutes=3)).isoformat()
    told = signal("ETH/USDT:USDT", id=str(uuid.uuid4()), created_at=created)
    status, trade = flat.api.post("/api/trades", {"signal": told})
    assert status == 201, trade
    flat.close_all()
    now = datetime.now(UTC)
    start, end = now - timedelta(days=1), now + timedelta(minutes=5)

    execution = flat.engine.run(FLOW, range_start=start.isoformat(), range_end=end.isoformat())

    assert execution["state"]["current"] == "SUCCESS", flat.tasks(execution)
    outputs = flat.engine.outputs(execution["id"])
    rows = flat.api.get(ROUTE)[1]["rows"]
    assert outputs["signals"] == len(rows)
    (row,) = (one for one in rows if one["trade_id"] == trade["trade_id"])
    assert row["outcome"] in ("open", "both")
    assert (row["live"]["status"], row["entry_bps"] is not None) == ("closed", True)
    assert "ETH/USDT:USDT" in table_of(flat.engine, execution)


def test_results_that_lie_apart_are_in_the_table_and_told(alone: Alone) -> None:
    engine, api = alone
    api.reset()
    api.told = {ROUTE: (200, answer())}

    execution = engine.run(FLOW)

    assert execution["state"]["current"] == "SUCCESS"
    assert engine.outputs(execution["id"]) == {
        "status": "apart",
        "signals": 1,
        "compared": 1,
        "difference_usd": "-15.2",
    }
    (sent,) = told_people(engine, execution)
    assert (sent["level"], sent["name"]) == ("WARNING", "parity")
    assert "live stop, backtest target" in sent["message"]
    assert "closed: stop" in table_of(engine, execution)
    (path,) = (path for path, _, _ in api.asked if path.startswith(ROUTE))
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
    ends = [f"to={day}T00%3A00%3A00Z" for day in (today, yesterday)]
    assert path.startswith(f"{ROUTE}?days=1&to=")
    # the day may turn while the test runs
    assert any(end in path for end in ends)
    assert "timeframe=1m&slippage_bps=2" in path


def test_results_that_lie_close_are_told_to_nobody(alone: Alone) -> None:
    engine, api = alone
    api.reset()
    api.told = {ROUTE: (200, answer(is_beyond=False, rows=[], largest=[]))}

    execution = engine.run(FLOW, range_start="2026-03-01T00:00:00Z", timeframe="5m")

    assert execution["state"]["current"] == "SUCCESS"
    assert engine.outputs(execution["id"])["status"] == "close"
    assert told_people(engine, execution) == []
    (path,) = (path for path, _, _ in api.asked if path.startswith(ROUTE))
    assert path.startswith(f"{ROUTE}?from=2026-03-01T00%3A00%3A00")
    assert "timeframe=5m" in path


def test_what_cannot_be_compared_is_told(alone: Alone) -> None:
    engine, api = alone
    api.reset()
    api.told = {ROUTE: (500, {"title": "Internal Server Error"})}

    execution = engine.run(FLOW)

    assert execution["state"]["current"] == "FAILED"
    assert len(api.asked_for(ROUTE)) == 3
    (sent,) = told_people(engine, execution)
    assert (sent["level"], sent["title"]) == ("WARNING", "parity failed")
    assert "compare_trades" in sent["message"]
