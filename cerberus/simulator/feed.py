"""The replay feed: every price is a function of market time, the bars and the holds of a test."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from cerberus.domain.matching import PATH_SECONDS, Bar, price_path
from cerberus.simulator.clock import MINUTE_MS

#: distance of two prices within a minute
STEP_MS = 15_000
_QUANTUM = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Point:
    """A price of an asset, and since when it has been the last one."""

    ms: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class Hold:
    """A price set by a test: it trades at `from_ms` and replaces the feed before `until_ms`."""

    asset: str
    from_ms: int
    until_ms: int
    price: Decimal


class Feed:
    """Real bars laid end to end along market time from `first_minute` on.

    After the last bar the series starts again. The prices of a repetition are multiplied by a
    factor that begins at last close / first open, so that the price is continuous, and shrinks
    to 1 over the series, so that repetitions do not drift away from the real level.
    """

    def __init__(self, bars: Mapping[str, tuple[Bar, ...]], first_minute: int) -> None:
        self._bars = bars
        self._first_minute = first_minute
        self._holds: dict[str, list[Hold]] = {asset: [] for asset in bars}

    @property
    def assets(self) -> tuple[str, ...]:
        """The base assets that have prices."""
        return tuple(self._bars)

    @property
    def start_ms(self) -> int:
        """The first moment that has a price."""
        return self._first_minute * MINUTE_MS

    def repetition(self, at_ms: int) -> int:
        """Return how often the data has been played to its end before this moment."""
        length = len(next(iter(self._bars.values())))
        return (at_ms // MINUTE_MS - self._first_minute) // length

    def data_index(self, at_ms: int) -> int:
        """Return the number of the bar that plays at this moment."""
        length = len(next(iter(self._bars.values())))
        return (at_ms // MINUTE_MS - self._first_minute) % length

    def hold(self, hold: Hold) -> None:
        """Let a price trade now; an earlier hold ends where this one begins."""
        kept = [
            replace(old, until_ms=min(old.until_ms, hold.from_ms))
            for old in self._holds[hold.asset]
            if old.from_ms != hold.from_ms
        ]
        self._holds[hold.asset] = sorted([*kept, hold], key=lambda one: one.from_ms)

    def holds(self) -> list[Hold]:
        """Return every price that a test has set."""
        return [hold for holds in self._holds.values() for hold in holds]

    def base_bar(self, asset: str, minute: int) -> Bar:
        """Return the bar of a minute as the data has it, scaled when it is a repetition."""
        bars = self._bars[asset]
        repetition, index = divmod(minute - self._first_minute, len(bars))
        if repetition < 0:
            raise LookupError(f"minute {minute} is before the data's first {self._first_minute}")
        return bars[index] if not repetition else _scaled(bars, index)

    def last(self, asset: str, at_ms: int) -> Point:
        """Return the last price at a moment."""
        path_ms = at_ms - at_ms % STEP_MS
        hold = self._hold_before(asset, at_ms)
        if hold is not None and path_ms < max(hold.until_ms, hold.from_ms + 1):
            return Point(hold.from_ms, hold.price)
        return Point(path_ms, self._path_price(asset, path_ms))

    def minute(self, asset: str, minute: int, now_ms: int) -> Bar:
        """Return a minute's candle as it stands now, still growing when it is the present one."""
        bar = self.base_bar(asset, minute)
        start = minute * MINUTE_MS
        elapsed = now_ms - start
        disturbed = self._is_disturbed(asset, start)
        if elapsed >= MINUTE_MS and not disturbed:
            return bar
        moments = [start + second * 1000 for second in PATH_SECONDS if second * 1000 <= elapsed]
        volume = bar.volume * len(moments) / len(PATH_SECONDS)
        if disturbed:
            end = min(now_ms, start + MINUTE_MS - 1)
            moments += [h.from_ms for h in self._holds[asset] if start <= h.from_ms <= end]
        prices = [self.last(asset, moment).price for moment in sorted(moments)]
        return Bar(prices[0], max(prices), min(prices), prices[-1], volume)

    def _hold_before(self, asset: str, at_ms: int) -> Hold | None:
        holds = self._holds[asset]
        position = bisect_right(holds, at_ms, key=lambda one: one.from_ms)
        return holds[position - 1] if position else None

    def _is_disturbed(self, asset: str, start_ms: int) -> bool:
        end = start_ms + MINUTE_MS
        # a price set without a duration still lasts until the next step of the path
        return any(h.from_ms < end and start_ms < h.until_ms + STEP_MS for h in self._holds[asset])

    def _path_price(self, asset: str, path_ms: int) -> Decimal:
        minute, rest = divmod(path_ms, MINUTE_MS)
        return price_path(self.base_bar(asset, minute))[rest // STEP_MS]


def _scaled(bars: tuple[Bar, ...], index: int) -> Bar:
    length = len(bars)
    ratio = bars[-1].close / bars[0].open
    factor = 1 + (ratio - 1) * (length - index) / length
    bar = bars[index]

    def scale(price: Decimal) -> Decimal:
        return max(_QUANTUM, (price * factor).quantize(_QUANTUM))

    return Bar(scale(bar.open), scale(bar.high), scale(bar.low), scale(bar.close), bar.volume)
