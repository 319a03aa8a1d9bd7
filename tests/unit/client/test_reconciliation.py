import pytest

from cerberus.client.reconciliation import Shown, table, verdict

CLEAN: Shown = {
    "items": [],
    "counts": {"agree": 3},
    "quarantined": {},
    "unsettled": {},
    "pnl_difference": "0.5",
}


def item(kind: str, outcome: str) -> Shown:
    return {
        "kind": kind,
        "outcome": outcome,
        "symbol": "swap USDT" if kind == "balance" else "BTC/USDT",
        "venue_id": "9",
        "ours": "1",
        "there": "2",
        "detail": "why",
    }


@pytest.mark.parametrize(
    ("changes", "level", "text"),
    [
        ({}, "", ""),
        ({"items": [item("order", "repaired"), item("order", "agree")]}, "", ""),
        (
            {"items": [item("balance", "foreign")]},
            "WARNING",
            "balance swap USDT 9 has drifted: why",
        ),
        (
            {"items": [item("order", "foreign")]},
            "CRITICAL",
            "order BTC/USDT 9 is not ours: why",
        ),
        ({"quarantined": {"X": "y"}}, "CRITICAL", "X is in quarantine: y"),
        ({"unsettled": {"X": "y"}}, "", "X is left to the next run: y"),
    ],
)
def test_what_a_person_has_to_know(changes: Shown, level: str, text: str) -> None:
    assert verdict({**CLEAN, **changes}) == (level, text)


def test_the_table_has_what_does_not_simply_agree() -> None:
    told = {**CLEAN, "items": [item("order", "agree"), item("fill", "repaired")]}

    lines = table(told).splitlines()

    assert lines[0] == "agree 3; result differs by 0.5 USD"
    assert [line.split()[:4] for line in lines[2:]] == [["fill", "BTC/USDT", "9", "repaired"]]
    assert table(CLEAN) == "agree 3; result differs by 0.5 USD"
