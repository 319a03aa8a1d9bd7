import pytest

from cerberus.client.outcomes import Outcome, counts, read_outcome, table

SIGNAL = {"symbol": "BTC_USDT", "side": "buy", "strategy": "manual"}
VALID: dict[str, object] = {"valid": True, "problems": []}
TRADE: dict[str, object] = {
    "trade_id": "t1",
    "duplicate_of": None,
    "symbol": "BTC/USDT:USDT",
    "side": "buy",
    "strategy": "manual",
    "status": "open",
    "filled_quantity": "0.5",
    "entry_price": "4571.5",
    "stop_price": "4548.6",
    "target_price": "4617.2",
    "protected": True,
    "seconds_unprotected": 0.0512,
    "close_reason": "",
}


def answers(**parts: object) -> dict[str, object]:
    return {"signal": SIGNAL, "validation": VALID, "assessment": {}, "answer": {}, **parts}


def test_a_protected_trade_shows_its_prices() -> None:
    found = read_outcome(answers(answer=TRADE, trade=TRADE))

    assert found == Outcome(
        "BTC/USDT:USDT",
        "buy",
        "manual",
        "open",
        "0.5",
        "4571.5",
        "4548.6",
        "4617.2",
        "protected after 0.05 s",
        "t1",
    )


@pytest.mark.parametrize(
    ("parts", "outcome", "note"),
    [
        (
            {"validation": {"valid": False, "problems": [{"field": "price", "reason": "bad"}]}},
            "invalid",
            "price: bad",
        ),
        (
            {"validation": {"errors": [{"field": "side", "reason": "required"}]}},
            "invalid",
            "side: required",
        ),
        (
            {"answer": {"detail": "risk 20 exceeds 15", "check": "risk"}},
            "refused",
            "risk 20 exceeds 15",
        ),
        ({"assessment": {"reason": "outage"}}, "failed", "outage"),
        ({"answer": TRADE | {"duplicate_of": "t1"}}, "duplicate", "protected after 0.05 s"),
        ({"answer": TRADE | {"protected": False}}, "open", "NOT PROTECTED"),
        ({"answer": TRADE | {"seconds_unprotected": None}}, "open", "protected"),
        ({"answer": TRADE | {"status": "closed", "close_reason": "stop"}}, "closed", "stop"),
        ({"answer": TRADE | {"status": "unknown"}}, "unknown", ""),
    ],
)
def test_every_way_to_end_has_its_name_and_note(
    parts: dict[str, object], outcome: str, note: str
) -> None:
    found = read_outcome(answers(**parts))

    assert (found.outcome, found.note) == (outcome, note)


def test_answers_of_another_shape_do_no_harm() -> None:
    found = read_outcome({"signal": ["x"], "validation": None, "answer": "text"})

    assert found == Outcome("", "", "", "invalid")


def test_the_table_aligns_its_columns() -> None:
    text = table(
        [Outcome("BTC/USDT", "buy", "manual", "open"), Outcome("E", "sell", "x", "refused")]
    )

    heading, first, second = text.splitlines()
    assert heading.index("side") == first.index("buy") == second.index("sell")
    assert heading.index("outcome") == first.index("open") == second.index("refused")


def test_the_counts_add_up() -> None:
    found = [Outcome("", "", "", name) for name in ("open", "pending", "refused", "duplicate")]

    assert counts(found) == {
        "signals": 4,
        "traded": 2,
        "invalid": 0,
        "refused": 1,
        "duplicate": 1,
        "failed": 0,
    }
