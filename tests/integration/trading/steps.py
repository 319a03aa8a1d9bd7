"""One simulator and one API with the steps that tests of trading take on them."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from tests.api_process import ApiProcess
from tests.simulator_process import SimulatorProcess

D = Decimal
Body = dict[str, Any]
Result = TypeVar("Result")

#: where every test begins
PRICES = {"BTC": "4500", "ETH": "350"}
#: limits that no test reaches by accident
ROOMY = {
    "CERBERUS_RISK_MAX_DAILY_LOSS_USD": "100000",
    "CERBERUS_RISK_MAX_LOSSES_IN_A_ROW": "1000",
    "CERBERUS_RISK_MAX_DRAWDOWN_PERCENT": "90",
    "CERBERUS_RISK_MAX_EXPOSURE_USD": "100000",
    "CERBERUS_RISK_USD_PER_TRADE": "200",
}
LIVE = ("armed", "intent", "open", "partly_filled", "cancel_requested", "unknown")

_NUMBERS = itertools.count(1)


@dataclass
class Pair:
    """A simulator and an API; `begin` brings them to where a test may start."""

    simulator: SimulatorProcess
    api: ApiProcess
    prices: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        """Leave nothing of an earlier test: faults, stops, orders, positions, moved prices."""
        self.simulator.ask("DELETE", "/sim/fault")
        self.api.post("/api/system/maintenance", {"on": False})
        self.until(lambda: self._is_flat() or None, 30)
        self._release()
        self.api.post("/api/risk/reset", token="admin_token")
        for asset, price in PRICES.items():
            self.move(asset, price)

    def move(self, asset: str, price: object) -> None:
        """Move a price, when it is not there already."""
        self.simulator.move_price(asset, str(price))

    def signal(self, **fields: object) -> Body:
        """Return a signal with an id of its own."""
        return {"symbol": "BTCUSDT", "side": "buy", "id": f"test-{next(_NUMBERS)}", **fields}

    def key(self) -> str:
        """Return an idempotency key of its own."""
        return f"key-{next(_NUMBERS)}"

    def send(self, **fields: object) -> tuple[int, Body]:
        """Execute a signal."""
        return self.api.post("/api/trades", {"signal": self.signal(**fields)})

    def trade(self, trade_id: str) -> Body:
        """Return a trade."""
        found: Body = self.api.get(f"/api/trades/{trade_id}")[1]
        return found

    def enter(self, **fields: object) -> Body:
        """Execute a signal and wait until its position is protected."""
        status, trade = self.send(**fields)
        assert status == 201, trade
        return self.until_trade(trade["trade_id"], lambda told: told["protected"])

    def lets_an_entry_rest_until_its_signal_ends(self) -> None:
        """Have an entry wait far from the market, and see it cancelled with its signal."""
        ends_at = self.in_market_time(8)
        told = {"entry_type": "limit", "price": "4400", "quantity": "0.05", "expires_at": ends_at}
        status, trade = self.send(**told)
        assert (status, trade["status"]) == (201, "pending"), trade
        over = self.until_trade(trade["trade_id"], lambda one: one["status"] == "not_placed", 30)
        order = over["orders"][0]
        assert (order["status"], order["reason"]) == ("cancelled", over["close_reason"])
        assert "its signal expired at" in over["close_reason"]
        assert self.venue_order(order["venue_id"])["finish_as"] == "cancelled"
        assert self.risk()["reserved"] == {}

    def in_market_time(self, seconds: float) -> str:
        """Return the moment of market time that is so far ahead."""
        now = datetime.fromisoformat(self.simulator.ask("GET", "/sim/clock")["market_time"])
        return (now + timedelta(seconds=seconds)).isoformat()

    def until_trade(
        self, trade_id: str, is_reached: Callable[[Body], bool], seconds: float = 15
    ) -> Body:
        """Return a trade once it is as wished."""
        trade = self.api.wait_for_trade(trade_id, is_reached, seconds)
        assert is_reached(trade), trade
        return trade

    def until(self, find: Callable[[], Result | None], seconds: float = 15) -> Result:
        """Return what is found, once it is there."""
        deadline = time.monotonic() + seconds
        while (found := find()) is None:
            assert time.monotonic() < deadline, f"not reached within {seconds} s"
            time.sleep(0.05)
        return found

    def position(self, trade_id: str) -> Body:
        """Return the position of a trade."""
        held = self.api.get("/api/positions?limit=500")[1]["positions"]
        found: Body = next(one for one in held if one["trade_id"] == trade_id)
        return found

    @contextmanager
    def paying_fees_in(self, account: str, coin: str) -> Iterator[None]:
        """Let an account pay its fees in a coin, of which it has enough."""
        wallet = {"account": account, "currency": coin}
        self.simulator.ask("POST", "/sim/deposit", {**wallet, "amount": "1000"})
        self.simulator.ask("POST", "/sim/fee", wallet)
        try:
            yield
        finally:
            self.simulator.ask("POST", "/sim/fee", {"account": account})

    def close(self, trade_id: str) -> tuple[int, Body]:
        """Close the position of a trade."""
        position_id = self.position(trade_id)["position_id"]
        return self.api.post(f"/api/positions/{position_id}/close", {"reason": "test"})

    def risk(self) -> Body:
        """Return the risk status."""
        found: Body = self.api.get("/api/risk/status")[1]
        return found

    def best_ask(self, path: str) -> tuple[Decimal, Decimal]:
        """Return price and size of the first level of a book."""
        level = self.simulator.ask("GET", path)["asks"][0]
        return (
            (D(level["p"]), D(level["s"]))
            if isinstance(level, dict)
            else (D(level[0]), D(level[1]))
        )

    def counts(self) -> dict[str, int]:
        """Return how many signals, trades and orders are stored, and orders at the venue."""
        found = {
            name: self.api.get(path)[1]["total"]
            for name, path in (
                ("signals", "/api/signals?limit=1"),
                ("trades", "/api/trades?limit=1"),
                ("orders", "/api/orders?limit=1"),
                ("exits", "/api/exits?limit=1"),
            )
        }
        return found | {"venue": len(self.simulator.orders())}

    def venue_order(self, venue_id: object) -> Body:
        """Return an order as the simulator keeps it."""
        return next(one for one in self.simulator.orders() if str(one["id"]) == str(venue_id))

    def sent_as(self, client_id: str) -> list[Body]:
        """Return the orders that the venue holds under a client id."""
        return [one for one in self.simulator.orders() if one["text"] == client_id]

    def triggers(self, *, is_open: bool = True) -> list[Body]:
        """Return the triggers at the venue."""
        found = self.simulator.ask("GET", "/sim/orders")["triggers"]
        return [one for one in found if (not one["finish_as"]) == is_open]

    def exit_of(self, trade: Body, kind: str) -> Body:
        """Return the newest exit of a kind."""
        found: Body = [one for one in trade["exits"] if one["kind"] == kind][-1]
        return found

    def assert_settled(self, trade: Body) -> None:
        """Assert that the venue and the books tell the same of a trade, each order once."""
        at_venue = self.simulator.orders()
        mine = {order["venue_id"] for order in trade["orders"] if order["venue_id"]}
        # Binance knows the order of a spot stop by the stop's own id
        theirs = [one for one in at_venue if mine & {str(one["id"]), str(one["trigger_id"])}]
        clients = [one["text"] for one in at_venue if one["text"].startswith("t-")]
        assert len(clients) == len(set(clients))
        assert sum(D(one["fee"]) * _rate(one) for one in theirs) == D(trade["fees"])
        if theirs and theirs[0]["account"] == "futures":
            assert sum(D(one["pnl"]) for one in theirs) == D(trade["realised_pnl"])
        assert self.risk()["reserved"] == {}
        assert self.triggers() == []

    def _is_flat(self) -> bool:
        orders = self.api.get("/api/orders?limit=200")[1]["orders"]
        for order in orders:
            if order["status"] in LIVE and order["purpose"] == "entry":
                symbol = order["symbol"].replace("/", "_")
                self.api.call("DELETE", f"/order/{symbol}/{order['order_id']}")
        held = self.api.get("/api/positions?open_only=true")[1]["positions"]
        for one in held:
            self.api.post(f"/api/positions/{one['position_id']}/close")
        alive = any(order["status"] in LIVE for order in orders)
        return not (held or alive or self.triggers())

    def _release(self) -> None:
        status, told = self.api.post("/api/system/release")
        if status == 200:
            body = {"confirmation": told["confirmation"]}
            assert self.api.post("/api/system/release", body)[0] == 200


def _rate(order: Body) -> Decimal:
    """Return what turns a fee into quote currency."""
    if order["fee_currency"] == "USDT":
        return D(1)
    return D(order["cost"]) / D(order["filled"]) if D(order["filled"]) else D(0)
