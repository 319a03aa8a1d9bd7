"""Candles of longer intervals, aggregated from minutes on the grid of market time."""

from decimal import Decimal

from cerberus.domain.matching import Bar
from cerberus.simulator.clock import MINUTE_MS
from cerberus.simulator.feed import Feed

INTERVAL_SECONDS = {
    "1m": 60,
    "5m": 300,
    "15m": 900,
    "30m": 1800,
    "1h": 3600,
    "2h": 7200,
    "4h": 14_400,
    "8h": 28_800,
    "1d": 86_400,
    "7d": 604_800,
    "30d": 2_592_000,
}

_HOUR_MINUTES = 60


class Candles:
    """Aggregated candles; closed hours are remembered, since they no longer change."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._hours: dict[tuple[str, int], Bar] = {}

    def at(self, asset: str, start_seconds: int, interval_seconds: int, now_ms: int) -> Bar | None:
        """Return the candle that starts there, None when no price falls into it yet."""
        first = max(start_seconds // 60, self._feed.start_ms // MINUTE_MS)
        end = min(start_seconds + interval_seconds, now_ms // 1000 + 1)
        minutes = range(first, -(-end // 60))
        if not minutes:
            return None
        return self._merge(asset, minutes, now_ms)

    def forget(self, asset: str, at_ms: int) -> None:
        """Drop what was remembered of an hour in which a test has moved the price."""
        self._hours.pop((asset, at_ms // MINUTE_MS // _HOUR_MINUTES), None)

    def _merge(self, asset: str, minutes: range, now_ms: int) -> Bar:
        parts = []
        minute = minutes.start
        while minute < minutes.stop:
            hour, rest = divmod(minute, _HOUR_MINUTES)
            if rest == 0 and minute + _HOUR_MINUTES <= minutes.stop:
                parts.append(self._hour(asset, hour, now_ms))
                minute += _HOUR_MINUTES
            else:
                parts.append(self._feed.minute(asset, minute, now_ms))
                minute += 1
        return merged(parts)

    def _hour(self, asset: str, hour: int, now_ms: int) -> Bar:
        key = (asset, hour)
        if key not in self._hours:
            first = hour * _HOUR_MINUTES
            minutes = range(first, first + _HOUR_MINUTES)
            bar = merged([self._feed.minute(asset, minute, now_ms) for minute in minutes])
            if now_ms < (first + _HOUR_MINUTES) * MINUTE_MS:
                return bar
            self._hours[key] = bar
        return self._hours[key]


def merged(parts: list[Bar]) -> Bar:
    """Return one bar that covers consecutive bars."""
    return Bar(
        open=parts[0].open,
        high=max(part.high for part in parts),
        low=min(part.low for part in parts),
        close=parts[-1].close,
        volume=sum((part.volume for part in parts), Decimal(0)),
    )
