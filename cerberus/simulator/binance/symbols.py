"""Binance's names and filters for the markets of the venue."""

from dataclasses import dataclass
from decimal import Decimal

from cerberus.simulator.binance.failures import Failed, bad_symbol, filter_failure
from cerberus.simulator.entities import Account
from cerberus.simulator.markets import Contract, SpotMarket
from cerberus.simulator.venue import Venue

#: spot maker and taker, in place of the pair's own rates
SPOT_FEE_RATE = Decimal("0.001")
#: open orders of a pair on spot, and how many of them may wait for a price
OPEN_MAX, STOPS_MAX = 200, 5


@dataclass(frozen=True, slots=True)
class Filters:
    """What an order's price and quantity must keep to."""

    tick: Decimal
    step: Decimal
    quantity_min: Decimal
    quantity_max: Decimal
    market_quantity_max: Decimal
    notional_min: Decimal


def _filters(*texts: str) -> Filters:
    return Filters(*(Decimal(text) for text in texts))


SPOT_FILTERS = {
    "BTC_USDT": _filters("0.01", "0.00001", "0.00001", "9000", "120", "5"),
    "ETH_USDT": _filters("0.01", "0.0001", "0.0001", "9000", "2500", "5"),
}
# the venue has a tick of 0.1 for BTCUSDT and a step of 0.001 for ETHUSDT; the book here is made in
# ticks of 0.01, and a contract is 0.01 ETH
FUTURES_FILTERS = {
    "BTC_USDT": _filters("0.01", "0.001", "0.001", "100", "100", "100"),
    "ETH_USDT": _filters("0.01", "0.01", "0.01", "10000", "2000", "20"),
}


#: made markets have the terms of this one
_MODEL = "ETH_USDT"


def spot_filters(market: str) -> Filters:
    """Return the filters of a pair."""
    return SPOT_FILTERS.get(market, SPOT_FILTERS[_MODEL])


def futures_filters(market: str) -> Filters:
    """Return the filters of a contract."""
    return FUTURES_FILTERS.get(market, FUTURES_FILTERS[_MODEL])


def symbol_of(market: str) -> str:
    """Return Binance's name of a market."""
    return market.replace("_", "")


def pair_of(venue: Venue, symbol: str) -> SpotMarket:
    """Return a listed currency pair or refuse."""
    for market, pair in venue.markets.spot.items():
        if symbol_of(market) == symbol:
            return pair
    raise bad_symbol()


def contract_of(venue: Venue, symbol: str) -> Contract:
    """Return a listed contract or refuse."""
    for market, contract in venue.markets.futures.items():
        if symbol_of(market) == symbol:
            return contract
    raise bad_symbol()


def check_spot(market: str, quantity: Decimal, price: Decimal | None, last: Decimal) -> None:
    """Refuse an order that a filter of its pair does not let through."""
    filters = spot_filters(market)
    if price is not None and price % filters.tick:
        raise filter_failure("PRICE_FILTER")
    if not filters.quantity_min <= quantity <= filters.quantity_max or quantity % filters.step:
        raise filter_failure("LOT_SIZE")
    if price is None and quantity > filters.market_quantity_max:
        raise filter_failure("MARKET_LOT_SIZE")
    if quantity * (price or last) < filters.notional_min:
        raise filter_failure("NOTIONAL")


def check_budget(market: str, cost: Decimal) -> None:
    """Refuse a market order whose cost is too small."""
    if cost < spot_filters(market).notional_min:
        raise filter_failure("NOTIONAL")


def check_futures(
    market: str, quantity: Decimal, price: Decimal | None, last: Decimal, *, reduces: bool
) -> None:
    """Refuse a futures order outside its contract's filters."""
    filters = futures_filters(market)
    if price is not None and price % filters.tick:
        raise Failed(-4014, "Price not increased by tick size.")
    if quantity <= 0:
        raise Failed(-4003, "Quantity less than or equal to zero.")
    if quantity % filters.step:
        text = "Precision is over the maximum defined for this asset."
        raise Failed(-1111, text)
    largest = filters.quantity_max if price is not None else filters.market_quantity_max
    if quantity > largest:
        raise Failed(-4005, "Quantity greater than max quantity.")
    if not reduces and quantity * (price or last) < filters.notional_min:
        text = (
            f"Order's notional must be no smaller than {filters.notional_min}"
            " (unless you choose reduce only)."
        )
        raise Failed(-4164, text)


def check_tick(account: Account, market: str, price: Decimal) -> None:
    """Refuse a trigger price that is not on the tick."""
    if account == "spot" and price % spot_filters(market).tick:
        raise filter_failure("PRICE_FILTER")
    if account == "futures" and price % futures_filters(market).tick:
        raise Failed(-4014, "Price not increased by tick size.")
