"""Put live trades beside what a backtest makes of their signals."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from cerberus.backtest.course import STOP, TARGET, Close, Costs, Course, Stand, Wanted, follow
from cerberus.backtest.parity import Lived, Parity, Row
from cerberus.domain.fills import average_price
from cerberus.domain.market import Candle, Instrument
from cerberus.domain.signals import EntryType, TimeInForce
from cerberus.domain.trades import SignalRecord, Trade, TradeStatus
from cerberus.errors import Invalid, Transient
from cerberus.ports import Transaction
from cerberus.services.analytics import Asked
from cerberus.services.desk import Desk
from cerberus.services.explain import TradeStory, tell_trades
from cerberus.services.take_in import STRATEGY as ADOPTED
from cerberus.strategies.bars import bar_length

#: of one range; each is followed over the candles after it
MOST_SIGNALS = 1000
#: as far back as Gate.io tells candles, in bars, less some for the time that asking takes
MOST_BARS = 9900
#: in one call; every venue gives as many
PAGE = 1000

_PASSED = " passed before it could be placed"


@dataclass(frozen=True, slots=True)
class Model:
    """What the backtest goes by: the length of its bars, and its slippage."""

    timeframe: str = "1m"
    slippage_rate: Decimal = Decimal("0.0002")


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison, and the range in which its signals came."""

    start: datetime
    end: datetime
    model: Model
    parity: Parity


@dataclass(frozen=True, slots=True)
class _Pair:
    """A signal with its trade, where it has one."""

    record: SignalRecord
    story: TradeStory | None


async def compare_with_backtest(desk: Desk, asked: Asked, model: Model) -> Compared:
    """Compare the signals of a range with a backtest of them.

    Raises
    ------
    Invalid
        There are too many signals, or more bars since the first than a venue gives.
    Transient
        The candles cannot be had now.
    """
    if not desk.instruments:
        raise Transient("the venue's markets are not known yet")
    span = asked.span(desk.wall_clock.now())
    pairs = await _read(desk, span.start, span.end)
    own = [pair for pair in pairs if pair.record.signal.strategy != ADOPTED]
    opening = [pair for pair in own if not _is_closing(pair)]
    bars = await _candles(desk, opening, model)

    def compare() -> list[Row]:
        return [_row(desk, pair, bars.get(pair.record.symbol), model) for pair in opening]

    # a thousand signals over as many bars as there may be take seconds, and trading goes on
    rows = await asyncio.to_thread(compare)
    return Compared(span.start, span.end, model, Parity(rows, len(own) - len(opening)))


async def _read(desk: Desk, start: datetime, end: datetime) -> list[_Pair]:
    def read(transaction: Transaction) -> tuple[list[SignalRecord], list[Trade]]:
        records = transaction.signals.received(start, end, MOST_SIGNALS + 1)
        found = (transaction.trades.get(one.trade_id) for one in records if one.trade_id)
        return records, [trade for trade in found if trade is not None]

    records, trades = await desk.store.read(read)
    if len(records) > MOST_SIGNALS:
        raise Invalid("from", f"the range has more signals than the limit {MOST_SIGNALS}")
    stories = {story.trade.trade_id: story for story in await tell_trades(desk, trades)}
    return [_Pair(one, stories.get(one.trade_id or "")) for one in records]


def _is_closing(pair: _Pair) -> bool:
    return pair.story is not None and pair.story.trade.signal_id != pair.record.signal_id


async def _candles(
    desk: Desk, pairs: Sequence[_Pair], model: Model
) -> Mapping[str, Sequence[Candle]]:
    """Return the closed bars of each symbol from its first signal on."""
    since: dict[str, list[datetime]] = defaultdict(list)
    for pair in pairs:
        if pair.record.symbol in desk.instruments:
            since[pair.record.symbol].append(pair.record.signal.created_at)
    length, now = bar_length(model.timeframe), desk.today()
    wanted = {symbol: min(moments) for symbol, moments in since.items()}
    for begin in wanted.values():
        if (count := -(-(now - begin) // length)) > MOST_BARS:
            reason = f"{count} bars of {model.timeframe} since the first signal exceed {MOST_BARS}"
            raise Invalid("timeframe", reason)
    return {symbol: await _bars(desk, symbol, model, wanted[symbol]) for symbol in sorted(wanted)}


async def _bars(desk: Desk, symbol: str, model: Model, since: datetime) -> list[Candle]:
    length, now = bar_length(model.timeframe), desk.today()
    found: list[Candle] = []
    begin = _next_bar(since, length)
    while begin + length <= now:
        count = min(PAGE, (now - begin) // length)
        page = await desk.exchange.candles(symbol, model.timeframe, count, begin)
        fresh = [bar for bar in page if bar.opened_at >= begin]
        # a market may be quiet for so long, but not for ever
        begin = fresh[-1].opened_at + length if fresh else begin + count * length
        found += fresh
    return [bar for bar in found if bar.opened_at + length <= now]


def _next_bar(since: datetime, length: timedelta) -> datetime:
    """Return when the first bar begins that does not lie before a moment."""
    rest = (since - datetime.fromtimestamp(0, since.tzinfo)) % length
    return since if not rest else since + length - rest


def _row(desk: Desk, pair: _Pair, bars: Sequence[Candle] | None, model: Model) -> Row:
    record, story = pair.record, pair.story
    lived = _lived(pair)
    row = Row(
        signal_id=record.signal_id,
        trade_id=record.trade_id,
        symbol=record.symbol,
        side=record.signal.side,
        strategy=record.signal.strategy,
        at=record.signal.created_at,
        quantity=lived.quantity,
        lived=lived,
        course=Course(Stand.WAITING),
    )
    instrument, wanted = desk.instruments.get(record.symbol), _wanted(record, story)
    if instrument is None or bars is None:
        return replace(row, note=f"{record.symbol} is not traded on this venue any more")
    if wanted is None:
        return replace(row, note=f"has no plan that can be followed: {lived.note or lived.status}")
    return replace(row, course=follow(wanted, bars, _costs(model, instrument)))


def _costs(model: Model, instrument: Instrument) -> Costs:
    return Costs(model.slippage_rate, instrument.fee_rate_taker, instrument.fee_rate_maker)


def _wanted(record: SignalRecord, story: TradeStory | None) -> Wanted | None:
    """Return the trade as it was planned, None where the plan makes no sense."""
    signal = record.signal
    plan = record.verdict if story is None else story.trade
    if plan is None or min(plan.stop_price, plan.target_price) <= 0:
        return None
    if (plan.target_price - plan.stop_price) * signal.side.sign <= 0:
        return None
    trade = None if story is None else story.trade
    is_gone = trade is not None and trade.status is TradeStatus.NOT_PLACED
    return Wanted(
        side=signal.side,
        at=signal.created_at,
        stop=plan.stop_price,
        target=plan.target_price,
        limit=signal.price if signal.entry_type is EntryType.LIMIT else None,
        time_in_force=signal.time_in_force or TimeInForce.GTC,
        trailing_percent=signal.trailing_percent,
        until=trade.closed_at if trade is not None and is_gone else None,
        close=None if trade is None else _close(trade),
    )


def _close(trade: Trade) -> Close | None:
    """Return the close of a trade that no price has caused: a backtest cannot know of it."""
    if trade.status is not TradeStatus.CLOSED or trade.closed_at is None:
        return None
    reason = _reason(trade)
    return None if reason in (STOP, TARGET) else Close(trade.closed_at, reason)


def _reason(trade: Trade) -> str:
    return trade.close_reason.removesuffix(_PASSED)


def _lived(pair: _Pair) -> Lived:
    record, story = pair.record, pair.story
    verdict = record.verdict
    if story is None:
        note = "" if verdict is None or verdict.approved else verdict.refused_by
        # nobody executes an approved signal by itself
        quantity = Decimal(0) if verdict is None else verdict.quantity
        return Lived(str(record.status), is_over=True, quantity=quantity, note=note)
    trade, position = story.trade, story.position
    is_closed = trade.status is TradeStatus.CLOSED
    leaving = [fill for fill in story.fills if fill.side is not trade.side]
    return Lived(
        status=str(trade.status),
        is_over=trade.status.is_final,
        quantity=trade.quantity if position is None else position.entered_quantity,
        entry_price=story.entry_fill_price,
        exit_price=average_price(leaving) if is_closed else None,
        reason=_reason(trade) if is_closed else "",
        net=position.net_pnl - position.funding if position is not None and is_closed else None,
        note=trade.close_reason if trade.status is TradeStatus.NOT_PLACED else "",
    )
