"""The adapter over a client that answers what a test says and keeps what it was asked."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import ccxt
import pytest

from cerberus.adapters.exchange import CcxtExchange
from cerberus.adapters.exchange.clients import placement_expiry
from cerberus.domain.exits import Exit, ExitKind
from cerberus.domain.market import MarketType
from cerberus.domain.orders import Order, OrderStatus, OrderType, Purpose
from cerberus.domain.signals import Side, TimeInForce
from cerberus.errors import Invalid, Rejected, Transient, Unknown
from tests.unit.adapters.test_parsing import MARKET, POSITION, SPOT_MARKET, fill_raw
from tests.unit.domain.examples import NOW, SPOT, SWAP, order

D = Decimal
RAW = {"id": "v1", "status": "open", "filled": "0", "amount": "300", "clientOrderId": "t-1"}


class Client:
    """ccxt as far as the adapter uses it; an exception among the answers is raised."""

    timeframes: Mapping[str, str] = {"5m": "5m"}

    def __init__(self, **answers: Any) -> None:
        self.answers = {"load_markets": {"s": SPOT_MARKET, "p": MARKET}, **answers}
        self.asked: list[tuple[Any, ...]] = []
        self.expiries: list[int | None] = []

    def __getattr__(self, name: str) -> Any:
        async def call(*arguments: Any) -> Any:
            self.asked.append((name, *arguments))
            self.expiries.append(placement_expiry.get())
            answer = self.answers[name]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


class Clock:
    def now(self) -> datetime:
        return NOW


async def opened(**answers: Any) -> tuple[CcxtExchange, Client]:
    markets = {SWAP.symbol: MARKET, SPOT.symbol: SPOT_MARKET}
    client = Client(load_markets=markets, **answers)
    exchange = CcxtExchange(client, Clock())
    assert set(await exchange.instruments()) == set(markets)
    client.asked.clear()
    client.expiries.clear()
    return exchange, client


MARKET_ORDER = order(order_type=OrderType.MARKET, quantity=D("0.03"), price=D(100))


@pytest.mark.parametrize(
    ("placed", "asked"),
    [
        (MARKET_ORDER, ("market", "buy", "300", None, {"clientOrderId": "t-1"})),
        (
            replace(MARKET_ORDER, purpose=Purpose.CLOSE, side=Side.SELL),
            ("market", "sell", "300", None, {"clientOrderId": "t-1", "reduceOnly": True}),
        ),
        (
            order(quantity=D("0.1"), price=D("1.2E+4")),
            (
                "limit",
                "buy",
                "1000",
                "12000",
                {"clientOrderId": "t-1", "timeInForce": "GTC", "postOnly": False},
            ),
        ),
        (
            order(
                symbol=SPOT.symbol,
                purpose=Purpose.CLOSE,
                quantity=D("1E-5"),
                time_in_force=TimeInForce.POST_ONLY,
            ),
            (
                "limit",
                "buy",
                "0.00001",
                "100",
                {"clientOrderId": "t-1", "timeInForce": "PO", "postOnly": True},
            ),
        ),
    ],
)
async def test_places_contracts_once_with_an_expiry(placed: Order, asked: tuple[Any, ...]) -> None:
    exchange, client = await opened(create_order=RAW)

    told = await exchange.place(placed)

    assert client.asked == [("create_order", placed.symbol, *asked)]
    assert client.expiries == [int(NOW.timestamp() * 1000)]
    assert placement_expiry.get() is None
    assert (told.venue_id, told.status) == ("v1", OrderStatus.OPEN)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (ccxt.InsufficientFunds("no"), Rejected),
        (ccxt.RequestTimeout("late"), Unknown),
        (ccxt.RateLimitExceeded("slow"), Transient),
        ({"status": "open"}, Unknown),
        (None, Unknown),
        (RAW | {"filled": "many"}, Unknown),
    ],
)
async def test_a_placement_without_a_clear_answer_is_unknown(
    answer: object, told: type[Exception]
) -> None:
    exchange, client = await opened(create_order=answer)

    with pytest.raises(told):
        await exchange.place(MARKET_ORDER)

    assert len(client.asked) == 1
    assert placement_expiry.get() is None


@pytest.mark.parametrize(("venue_id", "name"), [("v1", "v1"), (None, "t-1")])
async def test_finds_an_order_by_the_best_name_it_has(venue_id: str | None, name: str) -> None:
    exchange, client = await opened(fetch_order=RAW)

    found = await exchange.find(order(venue_id=venue_id))

    assert client.asked == [("fetch_order", name, SWAP.symbol)]
    assert found is not None


@pytest.mark.parametrize(
    ("open_orders", "closed", "found"),
    [
        ([RAW], [], "v1"),
        ([], [RAW | {"id": "v2"}], "v2"),
        ([RAW | {"clientOrderId": "x"}], [], None),
    ],
)
async def test_looks_through_the_lists_for_what_cannot_be_asked_for(
    open_orders: list[Any], closed: list[Any], found: str | None
) -> None:
    exchange, _ = await opened(
        fetch_order=ccxt.OrderNotFound("?"),
        fetch_open_orders=open_orders,
        fetch_closed_orders=closed,
        fetch_my_trades=[],
    )

    told = await exchange.find(order())

    assert (told.venue_id if told is not None else None) == found


@pytest.mark.parametrize(
    ("amounts", "status"), [([100, 200], OrderStatus.FILLED), ([100], OrderStatus.CANCELLED)]
)
async def test_finds_an_order_that_the_venue_lists_no_more_by_its_fills(
    amounts: list[int], status: OrderStatus
) -> None:
    fills = [
        fill_raw(id=number, order="v7", amount=amount, info={"text": "t-1"})
        for number, amount in enumerate(amounts, start=1)
    ]
    exchange, _ = await opened(
        fetch_order=ccxt.OrderNotFound("?"),
        fetch_open_orders=[],
        fetch_closed_orders=[],
        fetch_my_trades=[*fills, fill_raw(order="v8", amount=5, info={"text": "t-2"})],
    )

    told = await exchange.find(order(quantity=D("0.03")))

    assert told is not None
    assert (told.venue_id, told.status) == ("v7", status)
    assert told.filled_quantity == D(sum(amounts)) * SWAP.contract_size


async def test_a_failed_search_is_no_miss() -> None:
    exchange, _ = await opened(
        fetch_order=ccxt.OrderNotFound("?"),
        fetch_open_orders=ccxt.RequestTimeout("late"),
        fetch_closed_orders=[],
        fetch_my_trades=[],
    )

    with pytest.raises(Transient):
        await exchange.find(order())


@pytest.mark.parametrize("answer", [{}, ccxt.OrderNotFound("over")])
async def test_a_cancel_of_what_is_over_is_no_error(answer: object) -> None:
    exchange, client = await opened(cancel_order=answer)

    await exchange.cancel(order(venue_id="v1"))
    there = await exchange.cancel_trigger(SWAP.symbol, "v9")

    assert there is (answer == {})
    assert client.asked[1] == ("cancel_order", "v9", SWAP.symbol, {"trigger": True})


async def test_a_cancel_without_an_answer_is_unknown() -> None:
    exchange, _ = await opened(cancel_order=ccxt.ExchangeNotAvailable("502"))

    with pytest.raises(Unknown):
        await exchange.cancel(order())
    with pytest.raises(Unknown):
        await exchange.cancel_trigger(SWAP.symbol, "v9")


async def test_takes_only_the_fills_of_the_order_asked_for() -> None:
    raw = {
        "id": "f1",
        "order": "v1",
        "symbol": SWAP.symbol,
        "side": "buy",
        "amount": "300",
        "price": "100",
        "timestamp": 1,
    }
    exchange, client = await opened(fetch_my_trades=[raw, raw | {"id": "f2", "order": "v2"}])

    fills = await exchange.fills(SWAP.symbol, "v1")

    assert [(fill.fill_id, fill.quantity) for fill in fills] == [("f1", D("0.03"))]
    assert client.asked == [("fetch_my_trades", SWAP.symbol, None, None, {"order": "v1"})]


@pytest.mark.parametrize(
    ("symbol", "kind", "amount", "parameters"),
    [
        (SWAP.symbol, ExitKind.STOP, "300", {"stopLossPrice": "98", "reduceOnly": True}),
        (SWAP.symbol, ExitKind.TARGET, "300", {"takeProfitPrice": "98", "reduceOnly": True}),
        (SPOT.symbol, ExitKind.STOP, "0.03", {"stopLossPrice": "98", "timeInForce": "ioc"}),
    ],
)
async def test_places_a_trigger_that_can_only_reduce(
    symbol: str, kind: ExitKind, amount: str, parameters: dict[str, Any]
) -> None:
    exchange, client = await opened(create_order={"id": 9})
    wanted = Exit("e1", "t1", symbol, Side.SELL, kind, D(98), NOW, quantity=D("0.03"))

    assert await exchange.place_trigger(wanted) == "9"

    assert client.asked == [("create_order", symbol, "market", "sell", amount, None, parameters)]


async def test_tells_the_account_in_base_units_without_empty_positions() -> None:
    exchange, _ = await opened(
        fetch_balance={"total": {"USDT": "1000.5", "BTC": None}},
        fetch_positions=[POSITION, POSITION | {"contracts": "0", "symbol": "X/USDT:USDT"}],
    )

    account = await exchange.account()

    assert account.totals[MarketType.SWAP, "USDT"] == D("1000.5")
    assert account.totals[MarketType.SPOT, "BTC"] == 0
    [held] = account.positions
    assert (held.side, held.quantity) == (Side.SELL, D("0.0003"))


async def test_sets_a_leverage_and_reads_it_back() -> None:
    exchange, client = await opened(set_leverage={}, fetch_position={"leverage": "5"})

    assert await exchange.set_leverage(SWAP.symbol, D(7)) == 5
    assert client.asked[0] == ("set_leverage", 7, SWAP.symbol, {"marginMode": "isolated"})


async def test_what_the_venue_does_not_trade_is_invalid() -> None:
    exchange, client = await opened()

    with pytest.raises(Invalid, match="is not traded"):
        await exchange.quote("NO/USDT")
    with pytest.raises(Invalid, match="timeframe: must be one of 5m, was 7m"):
        await exchange.candles(SWAP.symbol, "7m", 5)
    assert client.asked == []


async def test_an_empty_book_is_transient() -> None:
    exchange, _ = await opened(fetch_order_book={"bids": [], "asks": [["1", "1"]]})

    with pytest.raises(Transient, match="malformed"):
        await exchange.quote(SWAP.symbol)
