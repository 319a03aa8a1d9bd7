import pytest

from cerberus.client.holdings import Course, chosen, rows, table

LOSER: dict[str, object] = {
    "position_id": "p1",
    "symbol": "BTC/USDT:USDT",
    "side": "buy",
    "quantity": "0.3288",
    "entry_price": "4561.710000000001",
    "price": "4500",
    "result": "-20.3",
}
WINNER: dict[str, object] = {**LOSER, "position_id": "p2", "result": "0"}
UNPRICED: dict[str, object] = {**LOSER, "position_id": "p3", "price": None, "result": None}
ALL = [LOSER, WINNER, UNPRICED]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("monitor", []),
        ("close_all", ["p1", "p2", "p3"]),
        ("emergency_close", ["p1", "p2", "p3"]),
        ("close_losing", ["p1"]),
    ],
)
def test_an_action_chooses_its_positions(action: str, expected: list[str]) -> None:
    assert chosen(action, ALL) == expected


@pytest.mark.parametrize(
    ("action", "dry_run", "expected"),
    [
        ("monitor", False, {"p1": "open", "p2": "open", "p3": "open"}),
        ("close_losing", True, {"p1": "would close", "p2": "kept", "p3": "kept"}),
        ("close_losing", False, {"p1": "closed", "p2": "kept", "p3": "kept"}),
        ("close_all", False, {"p1": "closed", "p2": "STILL OPEN", "p3": "STILL OPEN"}),
    ],
)
def test_a_row_tells_what_became_of_a_position(
    action: str, dry_run: bool, expected: dict[str, str]
) -> None:
    found = rows(Course(action, dry_run, ALL, [WINNER, UNPRICED]))

    assert {row.position_id: row.outcome for row in found} == expected


def test_an_emergency_shows_what_was_opened_meanwhile() -> None:
    found = rows(Course("emergency_close", False, [LOSER], [WINNER]))

    assert [row.outcome for row in found] == ["closed", "STILL OPEN"]


def test_the_table_has_short_numbers_and_names_a_missing_price() -> None:
    heading, line = table(rows(Course("monitor", False, [UNPRICED], []))).splitlines()

    assert heading.split() == [
        "symbol", "side", "quantity", "entry", "price", "result", "outcome", "note",
    ]  # fmt: skip
    assert line.split() == ["BTC/USDT:USDT", "buy", "0.3288", "4561.71", "open", "no", "price"]
