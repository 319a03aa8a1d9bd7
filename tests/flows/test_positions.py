"""Position management on the real engine: what it closes, and what it does when that fails."""

import time
import uuid
from collections.abc import Iterator

import pytest
import requests

from tests.flows.few_answers import Alone, told_people
from tests.flows.pipeline import Shown, Stack, signal

pytestmark = [pytest.mark.engine, pytest.mark.stack, pytest.mark.xdist_group("flows")]

FLOW = "cerberus.positions/cerberus-position-management"
BTC, ETH = "BTC/USDT:USDT", "ETH/USDT:USDT"
HELD = {"side": "buy", "quantity": "1", "entry_price": "100", "is_open": True}
LOSER = {**HELD, "position_id": "p1", "symbol": "A/USDT", "price": "90", "result": "-10"}
WINNER = {**HELD, "position_id": "p2", "symbol": "B/USDT", "price": "110", "result": "10"}


@pytest.fixture
def holding(flat: Stack) -> Iterator[Stack]:
    """The stack with a position in two symbols."""
    enter(flat, BTC, ETH)
    yield flat
    if flat.api.get("/health")[1]["blocked_by"]:
        code = flat.api.post("/api/system/release")[1]["confirmation"]
        assert flat.api.post("/api/system/release", {"confirmation": code})[0] == 200


def enter(stack: Stack, *symbols: str) -> None:
    for symbol in symbols:
        status, answer = stack.api.post(
            "/api/trades", {"signal": signal(symbol, id=str(uuid.uuid4()))}
        )
        assert status == 201, answer


def outcomes(stack: Stack, execution: Shown) -> dict[str, str]:
    """Return the outcome by symbol of the table that the flow gives as its output."""
    rows = stack.engine.outputs(execution["id"])["positions"]
    return {row["symbol"]: row["outcome"] for row in rows}


def held(stack: Stack) -> set[str]:
    positions = stack.api.get("/api/positions?open_only=true")[1]["positions"]
    return {one["symbol"] for one in positions}


def test_monitoring_and_a_dry_run_show_a_table_and_close_nothing(holding: Stack) -> None:
    watched = holding.engine.run(FLOW)
    rehearsed = holding.engine.run(FLOW, action="emergency_close", dry_run="true")

    assert outcomes(holding, watched) == {BTC: "open", ETH: "open"}
    assert outcomes(holding, rehearsed) == {BTC: "would close", ETH: "would close"}
    (table,) = (
        line
        for line in holding.engine.messages(watched["id"], containing="outcome")
        if "outcome" in line
    )
    assert len(table.strip().splitlines()) == 3
    assert held(holding) == {BTC, ETH}


def test_close_all_closes_those_of_one_symbol_then_the_rest_once(holding: Stack) -> None:
    first = holding.engine.run(FLOW, action="close_all", symbol="BTC_USDT")

    assert first["state"]["current"] == "SUCCESS"
    assert outcomes(holding, first) == {BTC: "closed"}
    assert held(holding) == {ETH}

    enter(holding, BTC)
    second = holding.engine.run(FLOW, action="close_all")

    assert outcomes(holding, second) == {BTC: "closed", ETH: "closed"}
    assert holding.engine.outputs(second["id"])["closed"] == 2
    assert held(holding) == set()


def test_an_emergency_closes_everything_and_stops_trading(holding: Stack) -> None:
    execution = holding.engine.run(FLOW, action="emergency_close")

    assert execution["state"]["current"] == "SUCCESS"
    assert outcomes(holding, execution) == {BTC: "closed", ETH: "closed"}
    health = holding.api.get("/health")[1]
    assert not health["entries_allowed"]
    assert any(execution["id"] in reason for reason in health["blocked_by"])


def test_an_emergency_takes_no_symbol(stack: Stack) -> None:
    engine = stack.engine
    parts = {"action": (None, "emergency_close"), "symbol": (None, "BTCUSDT")}
    answer = engine.session.post(engine.api(f"executions/{FLOW}"), files=parts, timeout=30)

    assert answer.status_code == requests.codes.unprocessable
    assert "takes no symbol" in answer.text


def test_only_losing_positions_are_closed_with_a_key_each(alone: Alone) -> None:
    engine, api = alone
    api.reset()
    also = {**LOSER, "position_id": "p3", "symbol": "C/USDT", "result": "-0.1"}
    unpriced = {**LOSER, "position_id": "p4", "symbol": "D/USDT", "price": None, "result": None}
    api.told = {
        "/api/holdings": (200, {"positions": [LOSER, WINNER, also, unpriced], "total": 4}),
        "/api/positions/p1": (200, {"is_open": False}),
        "/api/positions/p3": (200, {"is_open": False}),
        "/api/positions": (200, {"positions": [WINNER, unpriced], "total": 2}),
    }

    execution = engine.run(FLOW, action="close_losing")

    assert execution["state"]["current"] == "SUCCESS"
    rows = engine.outputs(execution["id"])["positions"]
    assert [row["outcome"] for row in rows] == ["closed", "kept", "closed", "kept"]
    assert rows[3]["note"] == "no price"
    keys = [api.asked_for(f"/api/positions/{one}/close")[0][0] for one in ("p1", "p3")]
    assert keys == [f"{execution['id']}-close_position-{index}" for index in (0, 1)]
    assert api.asked_for("/api/positions/p2/close") == []


def test_one_that_will_not_close_does_not_stop_the_rest_and_calls_people(alone: Alone) -> None:
    engine, api = alone
    api.reset()
    api.told = {
        "/api/holdings": (200, {"positions": [LOSER, WINNER], "total": 2}),
        "/api/positions/p1/close": (409, {"detail": "the venue refused to close"}),
        "/api/positions/p2": (200, {"is_open": False}),
        "/api/positions": (200, {"positions": [LOSER], "total": 1}),
    }

    execution = engine.run(FLOW, action="close_all")

    assert execution["state"]["current"] == "FAILED"
    assert len(api.asked_for("/api/positions/p1/close")) == 3
    assert len(api.asked_for("/api/positions/p2/close")) == 1
    lines = engine.messages(execution["id"], containing="outcome")
    assert any("STILL OPEN" in line for line in lines)
    (told,) = told_people(engine, execution)
    assert (told["level"], told["title"]) == ("CRITICAL", "position management failed: close_all")


def test_an_emergency_goes_out_though_the_positions_are_never_told(alone: Alone) -> None:
    engine, api = alone
    api.reset()
    api.told = {
        "/api/positions": (200, {"positions": [], "total": 0}),
        "/api/system/emergency-stop": (200, {}),
    }

    with api.holding("/api/positions"):
        id_ = str(engine.run(FLOW, wait=False, action="emergency_close")["id"])
        limit = time.monotonic() + 50
        while not api.asked_for("/api/system/emergency-stop"):
            assert time.monotonic() < limit, engine.execution(id_)
            time.sleep(0.1)

    # what may fail has failed
    engine.wait_for_state(id_, "WARNING", seconds=60)


def test_an_emergency_goes_out_though_the_positions_cannot_be_read(alone: Alone) -> None:
    engine, api = alone
    api.reset()
    api.told = {"/api/positions": (500, {}), "/api/system/emergency-stop": (202, {})}

    execution = engine.run(FLOW, action="emergency_close")

    assert execution["state"]["current"] == "FAILED"
    ((key, body),) = api.asked_for("/api/system/emergency-stop")
    assert key == f"{execution['id']}-stop_trading"
    assert body == {"reason": f"emergency_close by execution {execution['id']}"}
    (told,) = told_people(engine, execution)
    assert (told["level"], told["title"]) == (
        "EMERGENCY",
        "position management failed: emergency_close",
    )
