"""Evaluate the strategies over the venue's candles."""

import asyncio
from collections.abc import Sequence

from cerberus.services.desk import Desk
from cerberus.services.snapshot import take
from cerberus.strategies import Evaluation, Standing, StrategySettings, evaluate


async def evaluate_symbols(
    desk: Desk, symbols: Sequence[str], timeframe: str, settings: StrategySettings
) -> list[Evaluation]:
    """Return what the strategies make of each symbol's last closed bar."""
    snapshot = await desk.store.read(take)

    async def one(symbol: str) -> Evaluation:
        desk.instrument(symbol)
        candles = await desk.exchange.candles(symbol, timeframe, settings.candles_needed)
        held = snapshot.positions.get(symbol)
        standing = Standing(held=None if held is None else held.side)
        now = desk.market_clock.now()
        return evaluate(symbol, timeframe, candles, now, settings, standing)

    return list(await asyncio.gather(*(one(symbol) for symbol in symbols)))
