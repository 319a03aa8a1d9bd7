"""What must hold after any fault and recovery, asked of the venue and of the API together."""

import time
from decimal import Decimal
from typing import Any

from tests.api_process import ApiProcess
from tests.simulator_process import SimulatorProcess

#: what averages and floats may differ by
CENT_PART = Decimal("0.00001")


def broken_invariants(simulator: SimulatorProcess, api: ApiProcess) -> list[str]:
    """Return every invariant that does not hold: lost, doubled, in doubt, unprotected."""
    venue_ids = [order["text"] for order in simulator.orders() if order["text"].startswith("t-")]
    orders = _all(api, "orders")
    ours = {order["client_id"]: order for order in orders}
    broken = [f"order {one} stands twice at the venue" for one in _twice(venue_ids)]
    broken += [f"order {one} is lost to us" for one in venue_ids if one not in ours]
    broken += [
        f"order {order['client_id']} is still {order['status']}"
        for order in orders
        if order["status"] in ("intent", "unknown", "cancel_requested")
    ]
    broken += _position_differences(api)
    broken += _unprotected(simulator, api)
    return broken


def _position_differences(api: ApiProcess) -> list[str]:
    held = {one["symbol"]: one for one in api.get("/api/positions?open_only=true")[1]["positions"]}
    there = {one["symbol"]: one for one in api.get("/account")[1]["positions"]}
    broken = []
    for symbol in held.keys() | there.keys():
        mine, venue = held.get(symbol), there.get(symbol)
        quantities = [Decimal(one["quantity"]) if one else Decimal(0) for one in (mine, venue)]
        if quantities[0] != quantities[1]:
            broken.append(f"{symbol}: we hold {quantities[0]}, the venue says {quantities[1]}")
    return broken


def _unprotected(simulator: SimulatorProcess, api: ApiProcess) -> list[str]:
    trades = api.get("/api/trades?status=open&limit=500")[1]["trades"]
    broken = [f"trade {one['trade_id']} is unprotected" for one in trades if not one["protected"]]
    resting = [one for one in _all(api, "exits") if one["status"] == "resting"]
    there = simulator.ask("GET", "/sim/status")["open_triggers"]
    if there != len(resting):
        broken.append(f"{len(resting)} exits rest by our books, {there} at the venue")
    return broken


def _all(api: ApiProcess, what: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page = api.get(f"/api/{what}?limit=500&offset={len(found)}")[1]
        found += page[what]
        if len(found) >= page["total"]:
            return found


def _twice(names: list[str]) -> set[str]:
    return {name for name in names if names.count(name) > 1}


def broken_equity(api: ApiProcess, seconds: float = 75) -> list[str]:
    """Return where the venue's wallets hold something else than we think that trading made.

    Holds while only perpetuals are traded and nobody pays in or out. Funding of a moment ago may
    still have to be read, which takes a minute.
    """
    deadline = time.monotonic() + seconds
    while True:
        there = sum(
            Decimal(one["total"])
            for one in api.get("/account")[1]["balances"]
            if one["currency"] == "USDT"
        )
        told = api.get("/metrics")[1]
        mine = Decimal(str(told["cerberus_equity_usd"] - told["cerberus_unrealised_pnl_usd"]))
        if abs(mine - there) < CENT_PART:
            return []
        if time.monotonic() > deadline:
            return [f"our equity is {mine} without the open result, the venue's wallets {there}"]
        time.sleep(0.5)
