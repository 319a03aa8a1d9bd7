"""The trading pipeline on the real engine, API and simulator."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.flows.pipeline import PIPELINE, Stack, signal

pytestmark = [pytest.mark.engine, pytest.mark.stack, pytest.mark.xdist_group("flows")]


def test_strategies_over_real_candles_lead_to_protected_positions(flat: Stack) -> None:
    execution = flat.run()

    assert execution["state"]["current"] == "SUCCESS"
    trades = {trade["symbol"]: trade for trade in flat.trades_of(execution)}
    # whether the other symbol gives a signal too depends on the minute of the replay
    bitcoin = trades["BTC/USDT:USDT"]
    assert (bitcoin["side"], bitcoin["strategy"]) == ("buy", "fusion:rsi_reversion")
    for trade in trades.values():
        assert (trade["status"], trade["protected"]) == ("open", True)
        assert {one["kind"] for one in trade["exits"]} == {"stop", "target"}
        (line,) = [line for line in flat.report(execution) if trade["entry_price"] in line]
        assert "open" in line

    again = flat.run()

    assert again["state"]["current"] == "SUCCESS"
    assert flat.tasks(again)["report_trades"] == "SKIPPED"
    told = flat.engine.messages(again["id"], containing="nothing to do")
    assert any("already long" in line for line in told)


def test_a_signal_given_by_hand_is_traded_within_the_given_limits(flat: Stack) -> None:
    execution = flat.run(signal=signal(id=str(uuid.uuid4())), risk_threshold=5, max_leverage=3)

    assert execution["state"]["current"] == "SUCCESS"
    assert "collect_signals" not in flat.tasks(execution)
    (trade,) = flat.trades_of(execution)
    assert trade["status"] == "open"
    assert float(trade["leverage"]) <= 3
    at_risk = float(trade["quantity"]) * (float(trade["entry_price"]) - float(trade["stop_price"]))
    assert at_risk <= 5.1


def test_a_webhook_signal_is_traded_and_measured(flat: Stack) -> None:
    execution = flat.send_and_wait(signal(side="sell", id=str(uuid.uuid4())))

    assert execution["state"]["current"] == "SUCCESS"
    (trade,) = flat.trades_of(execution)
    assert (trade["side"], trade["status"], trade["protected"]) == ("sell", "open", True)
    assert trade["slippage_rate"] is not None
    assert trade["seconds_unprotected"] < 5


@pytest.mark.parametrize(
    ("body_id", "headers", "expected"),
    [
        ("told-{0}", {}, "told-{0}"),
        ("told-{0}", {"Idempotency-Key": "key-{0}"}, "key-{0}"),
        (None, {}, "execution"),
    ],
)
def test_the_id_of_a_webhook_signal_is_the_header_or_its_own_or_the_executions(
    flat: Stack, body_id: str | None, headers: dict[str, str], expected: str
) -> None:
    unique = uuid.uuid4().hex
    body = signal() if body_id is None else signal(id=body_id.format(unique))

    sent = {name: value.format(unique) for name, value in headers.items()}
    execution = flat.send_and_wait(body, **sent)

    (trade,) = flat.trades_of(execution)
    why = flat.api.get(f"/api/why/{trade['trade_id']}")[1]
    wanted = execution["id"] if expected == "execution" else expected.format(unique)
    assert why["signal"]["signal"]["id"] == wanted


def test_concurrent_webhooks_with_one_id_place_one_order(flat: Stack) -> None:
    body = signal(id=f"burst-{uuid.uuid4()}")
    before = len(flat.simulator.orders())

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: flat.send(body), range(8)))

    states = {flat.engine.wait_for_state(id_, "SUCCESS", "FAILED", seconds=90) for id_ in ids}
    assert states == {"SUCCESS"}
    executions = [flat.engine.execution(id_) for id_ in ids]
    assert len({trade["trade_id"] for one in executions for trade in flat.trades_of(one)}) == 1
    outcomes = sorted(flat.report(one)[0].split()[3] for one in executions)
    assert outcomes == ["duplicate"] * 7 + ["open"]
    entries = [order for order in flat.simulator.orders()[before:] if _is_entry(order)]
    assert len(entries) == 1


def test_a_refusal_by_risk_is_reported_and_no_failure(flat: Stack) -> None:
    flat.run(signal=signal(id=str(uuid.uuid4())))

    execution = flat.run(signal=signal(id=str(uuid.uuid4())))

    assert execution["state"]["current"] == "SUCCESS"
    assert flat.trades_of(execution) == []
    (line,) = flat.report(execution)
    assert "refused" in line
    assert "exists already" in line


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (signal("XYZ_USDT"), "symbol: is not traded on this venue"),
        (signal(quantity="NaN"), "quantity: "),
        (signal(quantity="-1"), "quantity: "),
        (signal(created_at="2001-01-01T00:00:00Z"), "created_at: is stale"),
        ({"side": "buy"}, "symbol: Field required"),
        ([1, 2], "symbol: Field required"),
    ],
)
def test_a_signal_with_problems_is_reported_and_nothing_is_stored(
    flat: Stack, body: object, reason: str
) -> None:
    before = flat.api.get("/api/signals")[1]["total"]

    execution = flat.send_and_wait(body)

    assert execution["state"]["current"] == "SUCCESS"
    told = flat.engine.messages(execution["id"], containing="invalid")
    assert any(reason in line for line in told)
    assert flat.api.get("/api/signals")[1]["total"] == before


def test_a_webhook_cannot_force_or_loosen(flat: Stack) -> None:
    execution = flat.send_and_wait(
        signal() | {"force_execution": True, "admin_token": flat.api.token("admin_token")}
    )

    assert execution["inputs"]["force_execution"] is False
    assert execution["inputs"].get("admin_token") is None
    told = flat.engine.messages(execution["id"], containing="invalid")
    assert any("force_execution: " in line for line in told)


def test_force_needs_the_admin_token(flat: Stack) -> None:
    told = signal(id=str(uuid.uuid4()))

    without = flat.run(signal=told, force_execution=True)
    with_token = flat.run(
        signal=told, force_execution=True, admin_token=flat.api.token("admin_token")
    )

    assert "force_execution needs the admin token" in flat.report(without)[0]
    assert [trade["status"] for trade in flat.trades_of(with_token)] == ["open"]
    lines = flat.engine.messages(with_token["id"], containing="outcome")
    assert not any(flat.api.token("admin_token") in line for line in lines)


def test_a_body_that_is_no_json_is_refused_at_the_door(flat: Stack) -> None:
    answer = flat.engine.session.post(
        flat.engine.webhook(PIPELINE),
        data="{broken",
        headers={"Content-Type": "application/json"},
        timeout=30,
    )

    assert answer.status_code == 422


def _is_entry(order: dict[str, object]) -> bool:
    return not order.get("reduce_only") and not order.get("is_reduce_only")
