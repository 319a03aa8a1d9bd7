"""The passing of market time: every price point reaches what waits for it, in order."""

from decimal import Decimal

from cerberus.domain.margin import is_liquidated
from cerberus.domain.matching import trades_through
from cerberus.simulator import futures, spot, triggers
from cerberus.simulator.entities import FUTURES, SPOT, Order
from cerberus.simulator.feed import STEP_MS
from cerberus.simulator.futures_account import terms_of
from cerberus.simulator.futures_fills import liquidate, pay_funding
from cerberus.simulator.markets import FUNDING_INTERVAL_SECONDS
from cerberus.simulator.venue import Venue

_FUNDING_MS = FUNDING_INTERVAL_SECONDS * 1000


def advance(venue: Venue, to_ms: int) -> None:
    """Let market time pass: after a pause the points in between happen as they would have."""
    state = venue.state
    moment = state.processed_ms - state.processed_ms % STEP_MS + STEP_MS
    while moment <= to_ms and _is_waiting(venue):
        venue.now_ms = state.processed_ms = moment
        if moment % _FUNDING_MS == 0:
            _fund(venue, moment)
        for asset in venue.feed.assets:
            react(venue, asset)
        moment += STEP_MS
    state.processed_ms = max(state.processed_ms, to_ms)
    venue.now_ms = max(venue.now_ms, to_ms)


def react(venue: Venue, asset: str) -> None:
    """Apply the last price: resting orders, then liquidation, then triggers, then liquidation."""
    last = venue.last(asset)
    _fill_resting(venue, asset, last)
    _liquidate(venue, asset, last)
    if venue.state.triggers:
        _evaluate_triggers(venue, asset, last)
        _liquidate(venue, asset, last)
    triggers.cancel_of_closed_positions(venue)


def _is_waiting(venue: Venue) -> bool:
    state = venue.state
    has_position = any(position.size for position in state.positions.values())
    return bool(state.orders or state.triggers or has_position)


def _fund(venue: Venue, moment: int) -> None:
    for contract in venue.markets.futures.values():
        # the slot that ends now is the one in which the moment before lies
        rate = venue.markets.funding_rate(contract.id, moment // 1000 - 1)
        pay_funding(venue, contract, rate)


def _fill_resting(venue: Venue, asset: str, last: Decimal) -> None:
    for order in list(venue.state.orders.values()):
        # an order may have been cancelled by the fill of another one
        if order.id not in venue.state.orders or _base(venue, order) != asset:
            continue
        if not trades_through(order.side, order.price, last):
            continue
        if order.account == SPOT:
            spot.fill_resting(venue, order)
        else:
            futures.fill_resting(venue, order)


def _liquidate(venue: Venue, asset: str, mark: Decimal) -> None:
    for contract in venue.markets.futures.values():
        position = venue.state.positions.get(contract.id)
        if contract.base != asset or position is None or not position.size:
            continue
        if is_liquidated(position.exposure, mark, terms_of(contract, position)):
            liquidate(venue, contract)


def _evaluate_triggers(venue: Venue, asset: str, last: Decimal) -> None:
    for trigger in list(venue.state.triggers.values()):
        if trigger.id in venue.state.triggers and triggers.base_of(venue, trigger) == asset:
            triggers.evaluate(venue, trigger, last)


def _base(venue: Venue, order: Order) -> str:
    if order.account == FUTURES:
        return venue.markets.futures[order.market].base
    return venue.markets.spot[order.market].base
