"""The states of an order as they are documented are those that it has."""

import re
from pathlib import Path

from cerberus.domain.orders import LEGAL_MOVES, OrderStatus

API = Path(__file__).resolve().parents[2] / "docs/api.md"
_NAME = re.compile(r"`([a-z_]+)`")


def test_the_documented_moves_of_an_order_are_the_legal_ones() -> None:
    table = API.read_text().partition("| order status |")[2].partition("\n\n")[0]
    documented: dict[OrderStatus, set[OrderStatus]] = {}
    for row in table.splitlines()[2:]:
        _, names, _, moves, _ = row.split("|")
        following = {OrderStatus(one) for one in _NAME.findall(moves)}
        documented |= {OrderStatus(name): following for name in _NAME.findall(names)}

    assert documented == {status: set(moves) for status, moves in LEGAL_MOVES.items()}
