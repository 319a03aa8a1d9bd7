"""The bundled candles that the replay feed plays."""

import csv
import gzip
import io
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources

from cerberus.domain.matching import Bar
from cerberus.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Series:
    """Consecutive bars of one asset; `start_ms` is the start of the first."""

    start_ms: int
    bar_seconds: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Dataset:
    """One-minute bars per asset, and the bar at which a replay starts.

    Everything before `start_bar` is warm-up: history that a client may read from the first second.
    """

    name: str
    start_bar: int
    files: tuple[tuple[str, str], ...]


#: At bar 1125 (2017-09-03 18:45 UTC) RSI(14) of BTC on 5-minute closes has just been 27.8, 27.7 and
#: 27.7, and the next closes are at 26.9, 24.1 and 22.1: oversold for 20 minutes after the start.
DATASETS = {
    "2017-09-03": Dataset(
        name="2017-09-03",
        start_bar=1125,
        files=(("BTC", "btcusd_1m_2017-09-03.csv.gz"), ("ETH", "ethusd_1m_2017-09-03.csv.gz")),
    )
}


def dataset(name: str) -> Dataset:
    """Return a dataset by name.

    Raises
    ------
    Misconfigured
        There is none of that name.
    """
    if name not in DATASETS:
        known = ", ".join(DATASETS)
        raise Misconfigured(f"CERBERUS_SIMULATOR_DATASET: {name!r} is unknown, known: {known}")
    return DATASETS[name]


@cache
def read_series(file: str) -> Series:
    """Read one bundled file; a gap or a bar out of order is an error in the package."""
    packed = resources.files("cerberus.simulator.data").joinpath(file).read_bytes()
    rows = list(csv.reader(io.StringIO(gzip.decompress(packed).decode())))[1:]
    stamps = [int(row[0]) for row in rows]
    step = stamps[1] - stamps[0]
    if stamps != list(range(stamps[0], stamps[0] + step * len(stamps), step)):
        raise Misconfigured(f"bundled file {file} has gaps")
    bars = tuple(Bar(*(Decimal(value) for value in row[1:])) for row in rows)
    return Series(stamps[0], step // 1000, bars)


def load_bars(chosen: Dataset) -> dict[str, tuple[Bar, ...]]:
    """Read the one-minute bars of every asset of a dataset; all have the same length."""
    series = {asset: read_series(file) for asset, file in chosen.files}
    if len({len(one.bars) for one in series.values()}) != 1:
        raise Misconfigured(f"series of dataset {chosen.name} differ in length")
    return {asset: one.bars for asset, one in series.items()}
