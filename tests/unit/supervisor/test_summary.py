"""The table that a start ends with."""

import io
from datetime import UTC, datetime

from rich.console import Console

from cerberus.supervisor.pipeline import Outcome, Record, Run
from cerberus.supervisor.summary import outcome_table

STARTED = datetime(2026, 1, 1, tzinfo=UTC)
SIGNAL: Record = {
    "signal_id": "s1",
    "status": "traded",
    "signal": {
        "side": "buy",
        "symbol": "BTC/USDT:USDT",
        "strategy": "fusion:rsi_reversion",
        "confidence": "0.5391",
    },
    "decision": {
        "approved": True,
        "quantity": "0.6564",
        "risk_usd": "14.998740",
        "leverage": "5",
    },
}
TRADE: Record = {
    "trade_id": "t1",
    "symbol": "BTC/USDT:USDT",
    "filled_quantity": "0.6564",
    "entry_price": "4571.285447897623400365630713",
    "fees": "1.500295884",
    "seconds_unprotected": 0.104485,
    "orders": [
        {
            "order_type": "market",
            "side": "buy",
            "quantity": "0.6564",
            "client_id": "t-01m7",
            "status": "filled",
        }
    ],
}
EXITS: list[Record] = [
    {"kind": kind, "side": "sell", "quantity": "0.6564", "trigger_price": price}
    | {"status": "resting", "where": "venue"}
    for kind, price in (("stop", "4548.39"), ("target", "4616.95"))
]


def _shown(state: str, *outcomes: Outcome) -> str:
    out = io.StringIO()
    run = Run("abc", state, STARTED, 2.9)
    Console(file=out, width=160).print(outcome_table(run, outcomes))
    return out.getvalue()


def test_a_trade_is_told_from_the_signal_to_its_exits() -> None:
    shown = _shown("SUCCESS", Outcome(SIGNAL, TRADE, EXITS))

    for line in (
        "SUCCESS abc in 2.9 s",
        "buy BTC/USDT:USDT by fusion:rsi_reversion, confidence 0.5391",
        "approved: quantity 0.6564, risk 14.99874 USD, leverage 5",
        "market buy 0.6564, t-01m7: filled",
        "0.6564 BTC/USDT:USDT at 4571.2854, fees 1.5002959, unprotected for 104 ms",
        "sell 0.6564 at 4548.39, resting on the venue",
        "sell 0.6564 at 4616.95, resting on the venue",
    ):
        assert line in shown
    assert shown.index("stop") < shown.index("target")


def test_a_refusal_is_told_with_its_check_and_reason() -> None:
    refused: Record = {
        **SIGNAL,
        "decision": {"approved": False, "refused_by": "spread", "reason": "spread 0.5 exceeds 0.3"},
    }

    shown = _shown("SUCCESS", Outcome(refused, {}, []))

    assert "refused by spread: spread 0.5 exceeds 0.3" in shown


def test_a_run_without_a_signal_says_that_there_was_nothing_to_do() -> None:
    assert "none: nothing to do" in _shown("SUCCESS")


def test_a_failed_run_does_not_say_that_there_was_nothing_to_do() -> None:
    shown = _shown("FAILED")

    assert "FAILED abc" in shown
    assert "nothing to do" not in shown


def test_an_answer_with_missing_fields_is_shown_as_far_as_it_goes() -> None:
    shown = _shown("SUCCESS", Outcome({"status": "received"}, {"trade_id": "t1"}, [{"kind": "x"}]))

    assert "received" in shown
