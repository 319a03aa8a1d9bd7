"""Putting a venue together: tables, bars, and the state that its file remembers."""

from decimal import Decimal
from pathlib import Path

import orjson

from cerberus.errors import Misconfigured
from cerberus.settings import SimulatorSettings
from cerberus.simulator.candles import Candles
from cerberus.simulator.clock import Anchor, new_anchor
from cerberus.simulator.codec import build, decode, encode
from cerberus.simulator.datasets import Dataset, dataset, load_bars
from cerberus.simulator.entities import FUTURES, SPOT
from cerberus.simulator.feed import Feed, Hold
from cerberus.simulator.made import with_made_bars, with_made_markets
from cerberus.simulator.markets import load_markets
from cerberus.simulator.state import State, load_state
from cerberus.simulator.store import Store
from cerberus.simulator.venue import Venue


def build_venue(settings: SimulatorSettings, path: Path | str, wall_ms: int) -> Venue:
    """Open the file, or begin with full wallets, and tie the data to now."""
    chosen = dataset(settings.dataset)
    if settings.made_markets and not settings.control:
        raise Misconfigured("CERBERUS_SIMULATOR_MADE_MARKETS needs CERBERUS_SIMULATOR_CONTROL=true")
    store = Store(path)
    try:
        return _build(settings, chosen, store, wall_ms)
    except BaseException:
        store.close()
        raise


def _build(settings: SimulatorSettings, chosen: Dataset, store: Store, wall_ms: int) -> Venue:
    meta = store.meta()
    state = load_state(store)
    anchor = _anchor(meta.get("anchor"), chosen, settings.speed, wall_ms)
    feed = Feed(with_made_bars(load_bars(chosen), settings.made_markets), anchor.first_minute)
    for row in orjson.loads(meta.get("holds", "[]")):
        feed.hold(build(Hold, row))
    if "anchor" not in meta:
        _fund_wallets(state, settings.wallet_usdt, anchor.market_ms)
    state.note("anchor", encode(anchor).decode())
    state.save(store)
    now_ms = max(state.processed_ms, anchor.market_ms)
    markets = with_made_markets(load_markets(), settings.made_markets)
    return Venue(markets, feed, Candles(feed), anchor, state, store, now_ms)


def _anchor(stored: str | None, chosen: Dataset, speed: Decimal, wall_ms: int) -> Anchor:
    if stored is None:
        return new_anchor(chosen.name, chosen.start_bar, speed, wall_ms)
    anchor = decode(Anchor, stored.encode())
    if anchor.dataset != chosen.name:
        raise Misconfigured(
            f"CERBERUS_SIMULATOR_DATASET is {chosen.name}, the simulator's file was begun with"
            f" {anchor.dataset}: set it back, or move var/data/simulator.db away"
        )
    anchor = anchor.at_speed(speed, wall_ms)
    if speed == 1 and anchor.market_time(wall_ms) != wall_ms:
        raise Misconfigured(
            "CERBERUS_SIMULATOR_SPEED is 1, but market time has run ahead of wall time at another"
            " speed: set it back, or move var/data/simulator.db away"
        )
    return anchor


def _fund_wallets(state: State, amount: Decimal, now_ms: int) -> None:
    state.processed_ms = now_ms
    for account in (SPOT, FUTURES):
        state.book(account, "USDT", amount, "dnw", "", "opening balance")
