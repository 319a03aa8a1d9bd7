"""A venue that a test drives: one perpetual, and every way in which a call can go wrong."""

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from cerberus.domain.balances import Account
from cerberus.domain.exits import Exit, VenueTrigger
from cerberus.domain.fills import Fill
from cerberus.domain.funding import FundingPayment
from cerberus.domain.market import Candle, Instrument, MarketType, Quote
from cerberus.domain.orders import (
    ListedOrder,
    Order,
    OrderStatus,
    OrderType,
    Purpose,
    VenueOrder,
)
from cerberus.domain.positions import VenuePosition
from cerberus.domain.signals import Side, TimeInForce
from cerberus.errors import Rejected, Transient, Unknown
from tests.model.moods import Crash, Mood
from tests.unit.domain.examples import SWAP

D = Decimal
ZERO = D(0)


class Clock:
    """Time that only the test moves."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def tick(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Held:
    """An order at the venue; `told` are the states it has had."""

    order: Order
    venue_id: str
    reduce_only: bool
    status: OrderStatus = OrderStatus.OPEN
    is_listed: bool = True
    filled: Decimal = ZERO
    fills: list[Fill] = field(default_factory=list)
    told: list[VenueOrder] = field(default_factory=list)

    def note(self) -> None:
        average = self.fills[-1].price if self.fills else None
        client = self.order.client_id
        self.told.append(VenueOrder(self.venue_id, self.status, self.filled, average, client))


class ModelVenue:
    """The Exchange port over plain state."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.price = D(10_000)
        self.position = ZERO
        self.entry = ZERO
        self.depth = D(1)
        self.is_slow = False
        self.orders: dict[str, Held] = {}
        self.open_triggers: dict[str, VenueTrigger] = {}
        self.over_triggers: list[VenueTrigger] = []
        self.moods: dict[str, deque[Mood]] = defaultdict(deque)
        self.late: list[Callable[[], None]] = []
        self.violations: list[str] = []
        self._number = 0

    # ---- what the test does with it

    def heal(self) -> None:
        """Let nothing go wrong any more, and let everything late arrive or expire."""
        self.moods.clear()
        self.depth, self.is_slow = D(1), False
        self.arrive()

    def arrive(self) -> None:
        """Let what is late arrive, unless it has expired."""
        waiting, self.late = self.late, []
        for work in waiting:
            work()

    def trade(self, share: Decimal) -> None:
        """Fill a share of what every live order still wants."""
        for held in list(self.orders.values()):
            if not held.status.is_final:
                wanted = held.order.quantity - held.filled
                self._fill(held, max(_step(wanted * share), SWAP.quantity_step))

    def end(self, status: OrderStatus) -> None:
        """End every live order as a venue may of itself, or somebody else there."""
        for held in self.orders.values():
            if not held.status.is_final:
                self._end(held, status)

    def move(self, price: Decimal) -> None:
        """Move the price and fire what it reaches."""
        self.price = price
        for told in list(self.open_triggers.values()):
            sells = told.side is Side.SELL
            is_stop = sells == (told.trigger_price < self.entry)
            falls = is_stop == sells
            reached = price <= told.trigger_price if falls else price >= told.trigger_price
            if reached and told.venue_id in self.open_triggers:
                self._fire(told)

    # ---- the port

    async def instruments(self) -> Mapping[str, Instrument]:
        return {SWAP.symbol: SWAP}

    async def quote(self, symbol: str) -> Quote:
        return Quote(symbol, self.price - D("0.1"), self.price, self.clock.now())

    async def candles(
        self, symbol: str, timeframe: str, limit: int, since: datetime | None = None
    ) -> Sequence[Candle]:
        raise NotImplementedError

    async def account(self) -> Account:
        held = ()
        if self.position:
            side = Side.BUY if self.position > 0 else Side.SELL
            size, zero = abs(self.position), ZERO
            held = (VenuePosition(SWAP.symbol, side, size, self.entry, zero, zero, D(5), None),)
        return Account(self.clock.now(), {(MarketType.SWAP, "USDT"): D(1_000_000)}, held)

    async def set_leverage(self, symbol: str, leverage: Decimal) -> Decimal:
        return leverage

    async def place(self, order: Order) -> VenueOrder:
        if order.client_id in self.orders:
            self.violations.append(f"{order.client_id} was sent twice")
        if self._next("place", Mood.TURNED_DOWN):
            self._turn_down(order, is_listed=True)
            raise Unknown("no answer")
        self._send("place", lambda: self._take(order), order.expires_at)
        held = self.orders[order.client_id]
        if held.status is OrderStatus.REJECTED:
            raise Rejected("nothing to reduce")
        return held.told[-1]

    async def find(self, order: Order) -> VenueOrder | None:
        mood = self._ask("find")
        held = next((one for one in self.orders.values() if _is(one, order)), None)
        if held is None or not held.is_listed:
            return None
        if mood is Mood.BLIND and self.clock.now() <= order.expires_at:
            return None
        return held.told[0 if mood is Mood.STALE else -1]

    async def cancel(self, order: Order) -> None:
        held = next((one for one in self.orders.values() if _is(one, order)), None)

        def work() -> None:
            if held is not None and not held.status.is_final:
                self._end(held, OrderStatus.CANCELLED)

        if self._next("cancel", Mood.RACE) and held is not None and not held.status.is_final:
            self._fill(held, held.order.quantity - held.filled)
        self._send("cancel", work, None)

    async def fills(self, symbol: str, order_venue_id: str) -> Sequence[Fill]:
        mood = self._ask("fills")
        held = next(one for one in self.orders.values() if one.venue_id == order_venue_id)
        if mood is Mood.SHORT:
            return held.fills[:-1]
        return held.fills * (2 if mood is Mood.TWICE else 1)

    async def open_orders(self, symbol: str | None = None) -> Sequence[ListedOrder]:
        return self._listed(is_over=False)

    async def finished_orders(self, symbol: str) -> Sequence[ListedOrder]:
        return self._listed(is_over=True)

    async def recent_fills(self, symbol: str, since: datetime | None) -> Sequence[Fill]:
        return [fill for one in self.orders.values() for fill in one.fills]

    async def resting_triggers(self) -> Sequence[VenueTrigger]:
        return list(self.open_triggers.values())

    async def funding(self, symbol: str, since: datetime) -> Sequence[FundingPayment]:
        return ()

    async def place_trigger(self, wanted: Exit) -> str:
        placed: list[str] = []

        def work() -> None:
            told = VenueTrigger(
                self._id(),
                wanted.symbol,
                wanted.side,
                wanted.quantity,
                wanted.trigger_price,
                is_open=True,
                created_at=self.clock.now(),
            )
            self.open_triggers[told.venue_id] = told
            placed.append(told.venue_id)

        self._send("place_trigger", work, None)
        return placed[0]

    async def triggers(self, symbol: str, *, is_open: bool) -> Sequence[VenueTrigger]:
        self._ask("triggers")
        return list(self.open_triggers.values()) if is_open else list(self.over_triggers)

    async def cancel_trigger(self, symbol: str, venue_id: str) -> bool:
        told = self.open_triggers.get(venue_id)
        if self._next("cancel_trigger", Mood.RACE) and told is not None:
            self._fire(told)
        was_open = venue_id in self.open_triggers

        def work() -> None:
            if was_open:
                over = replace(self.open_triggers.pop(venue_id), is_open=False)
                self.over_triggers.append(replace(over, outcome="cancelled"))

        self._send("cancel_trigger", work, None)
        return was_open

    async def close(self) -> None:
        return

    # ---- inside

    def _send(self, kind: str, work: Callable[[], None], expires_at: datetime | None) -> None:
        mood = self.moods[kind].popleft() if self.moods[kind] else None
        match mood:
            case Mood.LOST:
                raise Unknown("no answer")
            case Mood.BUSY:
                raise Transient("too many requests")
            case Mood.REFUSED:
                raise Rejected("refused")
            case Mood.CRASH_BEFORE:
                raise Crash
            case Mood.LATE:
                self.late.append(lambda: self._unless_expired(work, expires_at))
                raise Unknown("no answer")
        work()
        if mood is Mood.ANSWER_LOST:
            raise Unknown("no answer")
        if mood is Mood.CRASH_AFTER:
            raise Crash

    def _ask(self, kind: str) -> Mood | None:
        mood = self.moods[kind].popleft() if self.moods[kind] else None
        if mood in (Mood.BUSY, Mood.LOST):
            raise Transient("no answer")
        if mood is Mood.CRASH_BEFORE:
            raise Crash
        return mood

    def _next(self, kind: str, wanted: Mood) -> bool:
        if self.moods[kind] and self.moods[kind][0] is wanted:
            self.moods[kind].popleft()
            return True
        return False

    def _unless_expired(self, work: Callable[[], None], expires_at: datetime | None) -> None:
        if expires_at is None or self.clock.now() <= expires_at:
            work()

    def _take(self, order: Order) -> None:
        if order.reduce_only and self.position * order.side.sign >= 0:
            self._turn_down(order, is_listed=False)
            return
        held = Held(order, self._id(), order.reduce_only)
        self.orders[order.client_id] = held
        held.note()
        is_immediate = order.order_type is OrderType.MARKET
        is_immediate |= order.time_in_force is TimeInForce.IOC
        if is_immediate and not self.is_slow:
            self._fill(held, _step(order.quantity * self.depth))
            if not held.status.is_final:
                self._end(held, OrderStatus.CANCELLED)

    def _turn_down(self, order: Order, *, is_listed: bool) -> None:
        held = Held(order, self._id(), order.reduce_only, is_listed=is_listed)
        self.orders[order.client_id] = held
        self._end(held, OrderStatus.REJECTED)

    def _fill(self, held: Held, quantity: Decimal) -> None:
        sign = held.order.side.sign
        if held.reduce_only:
            quantity = min(quantity, max(ZERO, -self.position * sign))
        if quantity > 0:
            self._book(held, min(quantity, held.order.quantity - held.filled))
        if held.filled == held.order.quantity:
            self._end(held, OrderStatus.FILLED)
        elif held.reduce_only and self.position * sign >= 0:
            self._end(held, OrderStatus.CANCELLED)
        elif held.filled:
            held.status = OrderStatus.PARTLY_FILLED
            held.note()

    def _book(self, held: Held, quantity: Decimal) -> None:
        order, number = held.order, self._id()
        fee = quantity * self.price * SWAP.fee_rate_taker
        held.fills.append(
            Fill(
                number,
                held.venue_id,
                order.symbol,
                order.side,
                quantity,
                self.price,
                fee,
                "USDT",
                self.clock.now(),
            )
        )
        held.filled += quantity
        if self.position == 0:
            self.entry = self.price
        self.position += quantity * order.side.sign

    def _end(self, held: Held, status: OrderStatus) -> None:
        held.status = status
        held.note()

    def _fire(self, told: VenueTrigger) -> None:
        del self.open_triggers[told.venue_id]
        now, name = self.clock.now(), f"ao-{told.venue_id}"
        order = Order(
            "",
            name,
            "",
            told.symbol,
            told.side,
            OrderType.MARKET,
            Purpose.STOP,
            told.quantity,
            TimeInForce.IOC,
            now,
            now,
        )
        held = Held(order, self._id(), reduce_only=True)
        self.orders[name] = held
        held.note()
        self._fill(held, told.quantity)
        if not held.status.is_final:
            self._end(held, OrderStatus.CANCELLED)
        fired = replace(told, is_open=False, order_venue_id=held.venue_id, outcome="succeeded")
        self.over_triggers.append(fired)

    def _listed(self, *, is_over: bool) -> list[ListedOrder]:
        return [
            ListedOrder(
                held.order.symbol,
                held.order.side,
                held.order.quantity,
                held.reduce_only,
                held.order.created_at,
                held.told[-1],
            )
            for held in self.orders.values()
            if held.status.is_final == is_over and held.told and held.is_listed
        ]

    def _id(self) -> str:
        self._number += 1
        return str(self._number)


def _is(held: Held, order: Order) -> bool:
    if order.venue_id is not None:
        return held.venue_id == order.venue_id
    return held.order.client_id == order.client_id


def _step(quantity: Decimal) -> Decimal:
    return quantity - quantity % SWAP.quantity_step
