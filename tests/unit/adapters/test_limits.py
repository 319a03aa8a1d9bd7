import time
from typing import Any

import ccxt
import pytest

from cerberus.adapters.exchange.binance import open_binance
from cerberus.adapters.exchange.clients import open_gate
from cerberus.adapters.exchange.limits import Cost, Table, binance_costs, bybit_costs, gate_costs
from cerberus.adapters.exchange.pacing import Pacing, Spender, told_wait
from cerberus.errors import RateLimited
from cerberus.resilience.ledger import MemoryLedger
from cerberus.resilience.limiter import Limiter

SPOT = ["private", "spot"]
SWAP = ["private", "futures"]


def costs(table: Table, path: str, api: list[str], method: str, **parameters: object) -> set[Cost]:
    return set(table(path, api, method, parameters))


@pytest.mark.parametrize(
    ("api", "method", "path", "limit", "seconds", "is_order"),
    [
        (SPOT, "POST", "orders", 10, 1.0, True),
        (SWAP, "POST", "{settle}/orders", 100, 1.0, True),
        (SWAP, "DELETE", "{settle}/orders/{order_id}", 200, 1.0, True),
        (SWAP, "POST", "{settle}/price_orders", 200, 10.0, True),
        (SWAP, "DELETE", "{settle}/price_orders/{order_id}", 200, 10.0, True),
        (SWAP, "GET", "{settle}/orders/{order_id}", 200, 10.0, False),
        (SWAP, "GET", "{settle}/positions", 200, 10.0, False),
    ],
)
def test_gate_counts_each_endpoint_and_all_but_orders_together(
    api: list[str], method: str, path: str, limit: int, seconds: float, is_order: bool
) -> None:
    told = costs(gate_costs, path, api, method)
    endpoint = Cost(f"{method} {'/'.join(api)}/{path}", limit, seconds)
    assert told == ({endpoint} if is_order else {endpoint, Cost("all", 300, 10.0)})


def test_what_gate_gives_to_anybody_is_counted_by_address() -> None:
    told = gate_costs("tickers", ["public", "spot"], "GET", {})
    assert not any(cost.by_key for cost in told)


def test_binance_counts_weight_by_address_and_orders_by_account() -> None:
    placed = costs(binance_costs, "order", ["fapiPrivate"], "POST")
    assert placed == {Cost("futures orders 10 s", 300, 10.0), Cost("futures orders 60 s", 1200, 60)}
    read = costs(binance_costs, "openOrders", ["private"], "GET")
    assert read == {Cost("spot weight", 1200, 60.0, 80, by_key=False)}


def test_bybit_counts_the_address_the_account_and_the_path() -> None:
    assert costs(bybit_costs, "v5/order/create", ["private"], "POST") == {
        Cost("address", 600, 5.0, by_key=False),
        Cost("all", 120, 60.0),
        Cost("v5/order/create", 10, 1.0),
    }


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"Retry-After": "7"}, 7.0), ({"retry-after": "soon"}, None), ({}, None)],
)
def test_the_venue_says_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert told_wait(headers) == seconds


def test_gate_says_when_its_window_begins_anew() -> None:
    told = told_wait({"X-Gate-RateLimit-Reset-Timestamp": str(int(time.time()) + 5)})
    assert told is not None
    assert 3.5 < told <= 5


async def test_a_wait_without_a_time_lasts_the_window_of_its_endpoint() -> None:
    pacing = Pacing("gate", gate_costs, "key", Spender(Limiter(MemoryLedger())))
    await pacing.wait("orders", SPOT, "POST", {})
    assert pacing.cool_off(None, everything=False) == 1.0
    await pacing.wait("accounts", SPOT, "GET", {})
    assert pacing.cool_off(None, everything=False) == 10.0
    assert pacing.cool_off(None, everything=True) == 60.0


async def test_two_clients_of_an_address_share_what_is_counted_by_address() -> None:
    spender = Spender(Limiter(MemoryLedger()))
    for key in ("first key", "second key"):
        pacing = Pacing("binance", binance_costs, key, spender)
        await pacing.wait("openOrders", ["private"], "GET", {})
        await pacing.wait("order", ["private"], "POST", {})

    usage = {one.name.split(" ", 3)[-1]: one.used for one in await spender.limiter.usage()}
    assert usage["spot weight"] == 162
    names = [one.name for one in await spender.limiter.usage()]
    assert len([name for name in names if name.endswith("orders 10 s")]) == 2
    assert not any("first key" in name for name in names)


async def test_an_entry_that_would_come_too_late_is_not_waited_for() -> None:
    pacing = Pacing("gate", gate_costs, "key", Spender(Limiter(MemoryLedger())))
    soon = int(time.time() * 1000) + 100
    for _ in range(8):
        await pacing.wait("orders", SPOT, "POST", {})
    with pytest.raises(RateLimited):
        await pacing.wait("orders", SPOT, "POST", {}, soon)


@pytest.mark.parametrize("open_client", [open_gate, open_binance])
async def test_a_ban_is_kept_by_everything_of_the_account(open_client: Any) -> None:
    client = open_client("k", "s", url="http://127.0.0.1:1", timeout_seconds=2)
    with pytest.raises((ccxt.DDoSProtection, ccxt.RateLimitExceeded)):
        client.handle_errors(418, "", "u", "GET", {"Retry-After": "60"}, "{}", {}, {}, {})

    with pytest.raises(RateLimited):
        await client.fetch2("anything", ["private", "spot"], "GET", {})
    await client.close()
