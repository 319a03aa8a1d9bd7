"""Made markets, for tests that need many: further coins that play a shipped series as theirs.

Prices and terms are those of the model, held and filled under a name of their own.
"""

from collections.abc import Mapping
from dataclasses import replace

from cerberus.domain.matching import Bar
from cerberus.simulator.markets import Markets

#: the coin whose series and terms they share
MODEL = "ETH"


def made_assets(count: int) -> tuple[str, ...]:
    """Return the names of so many made coins."""
    return tuple(f"MADE{number:03d}" for number in range(1, count + 1))


def with_made_bars(
    bars: Mapping[str, tuple[Bar, ...]], count: int
) -> Mapping[str, tuple[Bar, ...]]:
    """Return the series of every asset, the made ones among them."""
    return dict(bars) | dict.fromkeys(made_assets(count), bars[MODEL])


def with_made_markets(markets: Markets, count: int) -> Markets:
    """Return the markets with a pair and a perpetual for each made coin."""
    pair = next(one for one in markets.spot.values() if one.base == MODEL)
    contract = next(one for one in markets.futures.values() if one.base == MODEL)
    spot, futures, slots = dict(markets.spot), dict(markets.futures), dict(markets.funding_slots)
    for asset in made_assets(count):
        name = f"{asset}_{pair.quote}"
        spot[name] = replace(pair, id=name, base=asset, base_name=asset.capitalize())
        futures[name] = replace(contract, id=name, base=asset)
        slots[name] = markets.funding_slots[contract.id]
    return Markets(spot, futures, slots)
