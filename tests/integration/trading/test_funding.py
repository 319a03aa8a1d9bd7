"""Funding through the real client: booked once, whatever is restarted, until the sums agree."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest

from cerberus.adapters.clock import WallClock
from cerberus.adapters.exchange import CcxtExchange, open_gate
from cerberus.domain.funding import FundingPayment
from tests.api_process import api_process
from tests.integration.trading.steps import ROOMY, Body, Pair
from tests.invariants import broken_equity
from tests.simulator_process import SimulatorProcess, simulator_process

D = Decimal
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("funding")]
SYMBOL = "BTC/USDT:USDT"
SPEED = "CERBERUS_SIMULATOR_SPEED"
#: market time cannot go back to wall time once it has run ahead
SLOW, FAST = "2", "28800"
DAY = 86_400


@dataclass
class Ledger:
    """What the venue says, by the simulator's own routes and by the real client."""

    simulator: SimulatorProcess

    def run_through(self, moments: int) -> None:
        """Let market time run over so many funding moments, nothing but the venue running."""
        self._restart(FAST)
        wanted = len(self.payments()) + moments
        deadline = time.monotonic() + 20
        while len(self.payments()) < wanted:
            assert time.monotonic() < deadline
        self._restart(SLOW)

    def payments(self, page: int = 100) -> list[FundingPayment]:
        return asyncio.run(self._payments(page))

    async def _payments(self, page: int) -> list[FundingPayment]:
        client = open_gate(*self.simulator.credentials, url=self.simulator.url, timeout_seconds=5)
        exchange = CcxtExchange(client, WallClock(), funding_page=page)
        try:
            await exchange.instruments()
            return list(await exchange.funding(SYMBOL, datetime.fromtimestamp(0, UTC)))
        finally:
            await exchange.close()

    def _restart(self, speed: str) -> None:
        self.simulator.environment[SPEED] = speed
        self.simulator.restart()


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    var = tmp_path_factory.mktemp("funding") / "var"
    with simulator_process(var, speed=SLOW) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def shared(simulator: SimulatorProcess) -> Iterator[Pair]:
    with api_process(simulator, **ROOMY, CERBERUS_FUNDING_SECONDS="0.5") as api:
        yield Pair(simulator, api)


@pytest.fixture
def pair(shared: Pair) -> Pair:
    shared.begin()
    market = datetime.fromisoformat(shared.simulator.ask("GET", "/sim/clock")["market_time"])
    told = datetime.fromisoformat(shared.api.get("/health")[1]["market_time"])
    if abs(market - told) > timedelta(seconds=5):
        # it learns of the venue's clock at its start only
        shared.api.stop()
        shared.api.start()
    return shared


def enter(pair: Pair) -> str:
    """Hold a position whose exits are far away, at a price that stays for a day."""
    pair.simulator.move_price("BTC", "4500", DAY)
    trade = pair.enter(quantity="0.2", stop_loss_percent="20", take_profit_percent="40", leverage=2)
    return str(trade["trade_id"])


def funded(pair: Pair, trade_id: str, ledger: Ledger, known: int) -> Body:
    """Return the trade once it has all the payments that the venue has made since the first ones.

    Both are read again together: market time runs on, and another moment may come at any time.
    """
    trade, paid = pair.until(lambda: _agreed(pair, trade_id, ledger.payments()[known:]))
    assert D(trade["funding"]) == sum(one.amount for one in paid) != 0
    expected = D(trade["realised_pnl"]) + D(trade["funding"]) - D(trade["fees"])
    assert D(trade["net_pnl"]) == expected
    return trade


def asked_again(pair: Pair) -> None:
    """Wait until the ledger has been read twice more."""
    for _ in range(2):
        pair.until(partial(_asked_after, pair, _asked(pair)))


def test_what_was_paid_while_nothing_ran_is_booked_once_at_the_start(pair: Pair) -> None:
    ledger = Ledger(pair.simulator)
    known = len(ledger.payments())
    trade_id = enter(pair)
    pair.api.stop()
    ledger.run_through(2)
    assert len(ledger.payments(page=1)) >= known + 2

    pair.api.start()
    trade = funded(pair, trade_id, ledger, known)
    assert broken_equity(pair.api, 5) == []

    pair.api.kill()
    pair.api.start()
    asked_again(pair)
    assert funded(pair, trade_id, ledger, known) == trade
    assert pair.close(trade_id)[0] == 200
    assert broken_equity(pair.api, 5) == []


def test_a_moment_that_passes_while_all_runs_is_booked_within_the_rhythm(pair: Pair) -> None:
    ledger = Ledger(pair.simulator)
    known = len(ledger.payments())
    sums = pair.risk()
    trade_id = enter(pair)

    ledger.run_through(1)

    trade = funded(pair, trade_id, ledger, known)
    after = pair.risk()
    assert D(after["funding"]) - D(sums["funding"]) == D(trade["funding"])
    assert D(after["net_pnl"]) - D(sums["net_pnl"]) == D(trade["net_pnl"])
    why = pair.api.get(f"/api/why/{trade_id}")[1]
    assert why["trade"]["funding"] == trade["funding"]
    metrics = pair.api.get("/metrics")[1]
    assert metrics["cerberus_funding_usd"] == float(after["funding"])
    assert metrics["cerberus_funding_unassigned_count"] == 0
    assert broken_equity(pair.api, 5) == []


def test_a_position_that_was_stopped_out_meanwhile_still_gets_its_funding(pair: Pair) -> None:
    ledger = Ledger(pair.simulator)
    known = len(ledger.payments())
    trade_id = enter(pair)
    pair.api.stop()
    ledger.run_through(1)
    pair.simulator.move_price("BTC", "3500", DAY)

    pair.api.start()

    trade = funded(pair, trade_id, ledger, known)
    closed = pair.until_trade(trade_id, lambda told: told["status"] == "closed")
    assert (closed["close_reason"], closed["funding"]) == ("stop", trade["funding"])
    assert broken_equity(pair.api, 5) == []


def _agreed(
    pair: Pair, trade_id: str, paid: list[FundingPayment]
) -> tuple[Body, list[FundingPayment]] | None:
    trade = pair.trade(trade_id)
    told = [(one["venue_id"], D(one["amount"])) for one in trade["funding_payments"]]
    return (trade, paid) if told == [(one.venue_id, one.amount) for one in paid] else None


def _asked_after(pair: Pair, before: str) -> str | None:
    now = _asked(pair)
    return now if now != before else None


def _asked(pair: Pair) -> str:
    """Return when the ledger was last read."""
    component = pair.api.get("/health/detailed")[1]["components"]["funding"]
    return str(component["succeeded_at"])
