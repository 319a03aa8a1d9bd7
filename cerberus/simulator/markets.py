"""The markets: spot pairs and perpetuals with their terms, read from the bundled table."""

import csv
import io
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from typing import Any

import orjson

from cerberus.domain.matching import BookShape
from cerberus.simulator.codec import build

FUNDING_INTERVAL_SECONDS = 28_800
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class SpotMarket:
    """A currency pair."""

    id: str
    base: str
    quote: str
    base_name: str
    quote_name: str
    price_tick: Decimal
    amount_step: Decimal
    min_base: Decimal
    min_quote: Decimal
    taker_rate: Decimal
    maker_rate: Decimal
    max_deviation: Decimal
    book: BookShape


@dataclass(frozen=True, slots=True)
class Contract:
    """A perpetual that is margined and settled in USDT; it replays the spot series."""

    id: str
    base: str
    quote: str
    price_tick: Decimal
    multiplier: Decimal
    size_min: Decimal
    size_max: Decimal
    orders_limit: int
    max_deviation: Decimal
    leverage_min: Decimal
    leverage_max: Decimal
    leverage_default: Decimal
    maintenance_rate: Decimal
    risk_limit: Decimal
    taker_rate: Decimal
    maker_rate: Decimal
    book: BookShape


@dataclass(frozen=True, slots=True)
class Markets:
    """All that is listed, by the venue's own ids."""

    spot: dict[str, SpotMarket]
    futures: dict[str, Contract]
    funding_slots: dict[str, tuple[Decimal, ...]]

    def currencies(self) -> dict[str, str]:
        """Return the names of all currencies by code."""
        names = {pair.quote: pair.quote_name for pair in self.spot.values()}
        return names | {pair.base: pair.base_name for pair in self.spot.values()}

    def funding_rate(self, contract: str, at_seconds: int) -> Decimal:
        """Return the rate that is applied at the end of the slot in which the moment lies."""
        slots = self.funding_slots[contract]
        return slots[at_seconds // FUNDING_INTERVAL_SECONDS % len(slots)]


def load_markets() -> Markets:
    """Read the bundled tables."""
    raw = orjson.loads(_data("markets.json"))
    return Markets(
        spot={row["id"]: _spot(row) for row in raw["spot"]},
        futures={row["id"]: _contract(row) for row in raw["futures"]},
        funding_slots=_funding(),
    )


def _spot(row: dict[str, Any]) -> SpotMarket:
    return build(SpotMarket, row | {"book": _shape(row, row["amount_step"])})


def _contract(row: dict[str, Any]) -> Contract:
    # a book is made in base units; whole contracts are its step
    return build(Contract, row | {"book": _shape(row, row["multiplier"])})


def _shape(row: dict[str, Any], step: str) -> dict[str, Any]:
    shape: dict[str, Any] = row["book"]
    return shape | {"tick": row["price_tick"], "step": step}


def _funding() -> dict[str, tuple[Decimal, ...]]:
    rows = list(csv.DictReader(io.StringIO(_data("funding.csv").decode())))
    contracts = [name for name in rows[0] if name != "slot"]
    return {name: tuple(Decimal(row[name]) for row in rows) for name in contracts}


def _data(name: str) -> bytes:
    return resources.files("cerberus.simulator.data").joinpath(name).read_bytes()
