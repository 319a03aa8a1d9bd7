"""The venue at one moment: markets, prices and state, shared by all trading rules."""

from dataclasses import dataclass, field
from decimal import Decimal

from cerberus.domain.matching import Book, Level, make_book
from cerberus.simulator.candles import Candles
from cerberus.simulator.clock import MINUTE_MS, Anchor
from cerberus.simulator.entities import Account
from cerberus.simulator.feed import Feed
from cerberus.simulator.markets import Contract, Markets, SpotMarket
from cerberus.simulator.refusals import unknown_contract, unknown_pair
from cerberus.simulator.state import State
from cerberus.simulator.store import Store


@dataclass(slots=True)
class Venue:
    """Everything a rule needs; `now_ms` is the market time of what is happening."""

    markets: Markets
    feed: Feed
    candles: Candles
    anchor: Anchor
    state: State
    store: Store
    now_ms: int
    #: the coin that an account pays its fees in, where it is set to one
    fee_coins: dict[Account, str] = field(default_factory=dict)

    def pair(self, market: object) -> SpotMarket:
        """Return a listed currency pair or refuse."""
        pair = self.markets.spot.get(market) if isinstance(market, str) else None
        if pair is None:
            raise unknown_pair(str(market))
        return pair

    def contract(self, market: object) -> Contract:
        """Return a listed contract or refuse."""
        contract = self.markets.futures.get(market) if isinstance(market, str) else None
        if contract is None:
            raise unknown_contract(str(market))
        return contract

    def last(self, asset: str) -> Decimal:
        """Return the last price of an asset, which is also its mark and index price."""
        return self.feed.last(asset, self.now_ms).price

    def spot_book(self, pair: SpotMarket) -> Book:
        """Return the book of a pair, in base units."""
        return make_book(self.last(pair.base), self._volume(pair.base), pair.book)

    def futures_book(self, contract: Contract) -> Book:
        """Return the book of a contract, in contracts."""
        book = make_book(self.last(contract.base), self._volume(contract.base), contract.book)
        return Book(
            bids=_in_contracts(book.bids, contract.multiplier),
            asks=_in_contracts(book.asks, contract.multiplier),
        )

    def _volume(self, asset: str) -> Decimal:
        return self.feed.base_bar(asset, self.now_ms // MINUTE_MS).volume


def _in_contracts(levels: tuple[Level, ...], multiplier: Decimal) -> tuple[Level, ...]:
    return tuple(Level(level.price, level.quantity / multiplier) for level in levels)
