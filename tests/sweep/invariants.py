"""What must hold once everything has come to rest, read from the store and from the venue."""

import sqlite3
from collections import Counter
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

from tests.simulator_process import ask

D = Decimal
Row: TypeAlias = dict[str, Any]
TABLES = ("signals", "trades", "orders", "reservations", "fills", "positions", "exits")
FINAL = ("filled", "cancelled", "rejected", "expired")
#: base units of one contract
CONTRACTS = {"BTC_USDT": D("0.0001"), "ETH_USDT": D("0.01")}


def books_of(var: Path) -> dict[str, list[Row]]:
    """Return what the store keeps of trading."""
    file = var / "data" / "cerberus.db"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return {
            name: [dict(row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2")]  # noqa: S608 - our own names
            for name in TABLES
        }


def broken(var: Path, simulator: int) -> list[str]:
    """Return every invariant that does not hold when nothing is held or alive any more."""
    told, books = ask(simulator, "GET", "/sim/orders"), books_of(var)
    found = _lost_or_doubled(told["orders"], books)
    found += _sums(told["orders"], books)
    found += [f"{len(books['reservations'])} reservations are left"] * bool(books["reservations"])
    live = [one for one in told["triggers"] if not one["finish_as"]]
    found += [f"{len(live)} triggers are left at the venue"] * bool(live)
    found += [
        f"position {one['position_id']} is open"
        for one in books["positions"]
        if not one["closed_at"]
    ]
    return found


def _lost_or_doubled(there: list[Row], books: dict[str, list[Row]]) -> list[str]:
    sent = Counter(one["text"] for one in there if one["text"].startswith("t-"))
    ours = {one["client_id"] for one in books["orders"]}
    found = [f"order {text} stands twice at the venue" for text, times in sent.items() if times > 1]
    found += [f"order {text} is lost to us" for text in sent if text not in ours]
    found += [
        f"order {one['client_id']} is still {one['status']}"
        for one in books["orders"]
        if one["status"] not in FINAL
    ]
    entries = [one for one in there if D(one["filled"]) and not _reduces(one, books)]
    return found + ["the signal was entered twice"] * (len(entries) > 1)


def _sums(there: list[Row], books: dict[str, list[Row]]) -> list[str]:
    booked: Counter[str] = Counter()
    for fill in books["fills"]:
        booked[fill["order_venue_id"]] += D(fill["quantity"])  # type: ignore[assignment]  # exact sums
    found = []
    for order in there:
        filled = D(order["filled"]) * _unit(order)
        if booked[str(order["id"])] != filled:
            told = booked[str(order["id"])]
            found.append(f"order {order['id']}: the venue filled {filled}, we booked {told}")
    return found + _positions(books)


def _positions(books: dict[str, list[Row]]) -> list[str]:
    found = []
    orders = {one["order_id"]: one for one in books["orders"]}
    for position in books["positions"]:
        held = D(0)
        for fill in books["fills"]:
            order = orders[fill["order_id"]]
            if order["trade_id"] == position["trade_id"]:
                held += D(fill["quantity"]) * (1 if order["purpose"] == "entry" else -1)
        held -= _base_fees(position, books, orders)
        if held != D(position["quantity"]) + D(position["dust"]):
            found.append(f"position {position['symbol']}: fills give {held}")
    return found


def _base_fees(position: Row, books: dict[str, list[Row]], orders: dict[str, Row]) -> Decimal:
    """Return what the venue kept of the bought coins themselves."""
    base = position["symbol"].partition("/")[0]
    mine = [
        fill
        for fill in books["fills"]
        if orders[fill["order_id"]]["trade_id"] == position["trade_id"]
    ]
    return sum((D(fill["fee"]) for fill in mine if fill["fee_currency"] == base), D(0))


def _reduces(order: Row, books: dict[str, list[Row]]) -> bool:
    mine = [one for one in books["orders"] if one["venue_id"] == str(order["id"])]
    return bool(order.get("reduce_only")) or any(one["purpose"] != "entry" for one in mine)


def _unit(order: Row) -> Decimal:
    return CONTRACTS[order["market"]] if order["account"] == "futures" else D(1)
