"""Value what is held at present prices, so that a drawdown is noticed and latches."""

from collections.abc import Mapping
from decimal import Decimal

from cerberus.domain.market import ZERO, Quote
from cerberus.domain.performance import Performance, from_fact, to_fact
from cerberus.domain.positions import Position, profit
from cerberus.ports import Transaction
from cerberus.services.alerts.halts import note_halts
from cerberus.services.desk import Desk
from cerberus.services.snapshot import PERFORMANCE


async def value_positions(desk: Desk) -> Performance:
    """Mark the open positions to the market and store the running sums."""
    positions = await desk.store.read(lambda transaction: transaction.positions.open())
    quotes = {held.symbol: await desk.exchange.quote(held.symbol) for held in positions}

    def store(transaction: Transaction) -> Performance:
        # what was booked since the prices were asked for must not count twice
        held = transaction.positions.open()
        unrealised = sum((_open_result(one, quotes) for one in held), ZERO)
        before = from_fact(transaction.facts.get(PERFORMANCE))
        after = before.valued(unrealised, desk.limits.drawdown_rate)
        if after != before:
            transaction.facts.put(PERFORMANCE, to_fact(after), desk.wall_clock.now())
            note_halts(desk, transaction, before, after)
        return after

    return await desk.write(store)


async def begin_record(desk: Desk) -> None:
    """Note the equity with which trading starts, at the very first start only."""
    if await desk.store.read(lambda transaction: bool(transaction.facts.get(PERFORMANCE))):
        return
    account = await desk.account()
    equity = sum((value for (_, name), value in account.totals.items() if name == "USDT"), ZERO)
    first = Performance(starting_equity=equity, peak_equity=equity)
    await desk.write(
        lambda transaction: transaction.facts.put(
            PERFORMANCE, to_fact(first), desk.wall_clock.now()
        )
    )


def _open_result(position: Position, quotes: Mapping[str, Quote]) -> Decimal:
    """Return what closing at the best price would make, fees apart; 0 for a new position."""
    quote = quotes.get(position.symbol)
    if quote is None:
        return ZERO
    price = quote.bid if position.side.sign > 0 else quote.ask
    return profit(position.side, position.entry_price, price, position.quantity)
