"""What a fill, funding and liquidation do to a position and to the futures wallet."""

import logging
from dataclasses import replace
from decimal import Decimal

from cerberus.domain import margin as maths
from cerberus.domain.margin import Exposure, FillEffect
from cerberus.domain.matching import Level, Side
from cerberus.simulator.entities import (
    FUTURES,
    ZERO,
    ClosedPosition,
    Fill,
    Order,
    Position,
)
from cerberus.simulator.fee_coin import paid
from cerberus.simulator.futures_account import SETTLE, available, orders_of, position_of, terms_of
from cerberus.simulator.markets import Contract
from cerberus.simulator.venue import Venue

_log = logging.getLogger(__name__)


def execute(venue: Venue, contract: Contract, order: Order, execution: Level, role: str) -> Order:
    """Apply one execution to position and wallet; return the order as it stands after it."""
    rate = contract.taker_rate if role == "taker" else contract.maker_rate
    value = maths.notional(execution.quantity, execution.price, contract.multiplier)
    return _book_fill(venue, contract, order, execution, role, maths.money(value * rate))


def liquidate(venue: Venue, contract: Contract) -> None:
    """Close a position at its bankruptcy price: the margin is lost, and nothing beyond it."""
    for open_order in orders_of(venue, contract):
        finished = replace(open_order, finish_as="liquidated", updated_ms=venue.now_ms)
        venue.state.put_order(finished)
    position = position_of(venue, contract)
    exposure, terms = position.exposure, terms_of(contract, position)
    price = maths.bankruptcy_price(exposure, terms)
    loss = maths.apply_fill(exposure, -exposure.size, price, terms).realised
    order = _liquidation_order(venue, contract, exposure)
    level = Level(price, abs(exposure.size))
    # whatever the price leaves of the margin goes to the insurance fund, booked as a fee
    order = _book_fill(venue, contract, order, level, "taker", exposure.margin + loss)
    venue.state.put_order(replace(order, finish_as="filled"))
    _log.warning("liquidated %s: size %s at %s", contract.id, exposure.size, price)


def pay_funding(venue: Venue, contract: Contract, rate: Decimal) -> None:
    """Charge or pay funding; what the wallet lacks comes out of the position's margin."""
    position = position_of(venue, contract)
    if not position.size:
        return
    mark = venue.last(contract.base)
    payment = maths.funding_payment(position.size, mark, contract.multiplier, rate)
    venue.state.book(FUTURES, SETTLE, -payment, "fund", contract.id, f"rate {rate}")
    position = replace(
        position,
        pnl_fund=position.pnl_fund - payment,
        update_id=position.update_id + 1,
        updated_ms=venue.now_ms,
    )
    venue.state.put_position(position)
    short = -available(venue)
    if short > 0:
        margin = max(ZERO, position.exposure.margin - short)
        exposure = replace(position.exposure, margin=margin)
        venue.state.put_position(replace(position, exposure=exposure))


def _book_fill(
    venue: Venue, contract: Contract, order: Order, execution: Level, role: str, fee: Decimal
) -> Order:
    position = position_of(venue, contract)
    signed = execution.quantity if order.side is Side.BUY else -execution.quantity
    terms = terms_of(contract, position)
    effect = maths.apply_fill(position.exposure, signed, execution.price, terms)
    ordinary = (SETTLE, fee)
    currency, amount = ordinary if order.liquidation else paid(venue, FUTURES, *ordinary, fee)
    fill = Fill(
        id=venue.state.new_id(),
        account=FUTURES,
        market=contract.id,
        order_id=order.id,
        text=order.text,
        side=order.side,
        price=execution.price,
        quantity=execution.quantity,
        role=role,
        fee=amount,
        fee_currency=currency,
        created_ms=venue.now_ms,
        close_size=effect.closed,
        pnl=effect.realised,
    )
    venue.state.put_record(fill)
    venue.state.book(FUTURES, SETTLE, effect.realised, "pnl", contract.id, str(fill.id))
    venue.state.book(FUTURES, currency, -amount, "fee", contract.id, str(fill.id))
    _move_position(venue, position, effect, execution, fee if currency == SETTLE else ZERO, order)
    return replace(
        order,
        left=order.left - execution.quantity,
        filled=order.filled + execution.quantity,
        cost=order.cost + execution.price * execution.quantity,
        fee=amount + (order.fee if currency == order.fee_currency else ZERO),
        fee_currency=currency,
        pnl=order.pnl + effect.realised,
        updated_ms=venue.now_ms,
    )


def _move_position(
    venue: Venue,
    before: Position,
    effect: FillEffect,
    execution: Level,
    fee: Decimal,
    order: Order,
) -> None:
    """Split the fill into the part that closes and the part that opens; the fee goes along."""
    closing_fee = maths.money(fee * abs(effect.closed) / execution.quantity)
    position = before
    if effect.closed:
        closed = abs(effect.closed)
        position = replace(
            position,
            pnl_pnl=position.pnl_pnl + effect.realised,
            pnl_fee=position.pnl_fee - closing_fee,
            closed_size=position.closed_size + closed,
            closed_value=position.closed_value + closed * execution.price,
        )
        if abs(effect.closed) == abs(before.size):
            position = _end(venue, position, order)
    if effect.opened:
        opened_ms = position.opened_ms or venue.now_ms
        opening_fee = fee - closing_fee
        position = replace(position, pnl_fee=position.pnl_fee - opening_fee, opened_ms=opened_ms)
    size = abs(effect.exposure.size)
    position = replace(
        position,
        exposure=effect.exposure,
        max_size=max(position.max_size, size),
        update_id=position.update_id + 1,
        updated_ms=venue.now_ms,
    )
    venue.state.put_position(position)


def _end(venue: Venue, position: Position, order: Order) -> Position:
    """Write the history line of a position that is closed and begin with a clean one."""
    record = ClosedPosition(
        id=venue.state.new_id(),
        market=position.market,
        side="long" if position.size > 0 else "short",
        pnl_pnl=position.pnl_pnl,
        pnl_fee=position.pnl_fee,
        pnl_fund=position.pnl_fund,
        text=order.text,
        max_size=position.max_size,
        closed_size=position.closed_size,
        entry_price=position.exposure.entry_price,
        exit_price=position.closed_value / position.closed_size,
        opened_ms=position.opened_ms,
        created_ms=venue.now_ms,
        liquidation=order.liquidation,
    )
    venue.state.put_record(record)
    return Position(
        market=position.market,
        leverage=position.leverage,
        history_pnl=position.history_pnl + position.realised,
        last_close_pnl=position.realised,
        update_id=position.update_id,
    )


def _liquidation_order(venue: Venue, contract: Contract, exposure: Exposure) -> Order:
    order_id = venue.state.new_id()
    return Order(
        id=order_id,
        account=FUTURES,
        market=contract.id,
        text=f"liq-{order_id}",
        side=Side.SELL if exposure.size > 0 else Side.BUY,
        kind="market",
        tif="ioc",
        price=ZERO,
        quantity=abs(exposure.size),
        left=abs(exposure.size),
        created_ms=venue.now_ms,
        updated_ms=venue.now_ms,
        fee_currency=SETTLE,
        close=True,
        liquidation=True,
    )
