from decimal import Decimal

import pytest

from cerberus.domain.matching import price_path
from cerberus.errors import Misconfigured
from cerberus.simulator.candles import INTERVAL_SECONDS, Candles
from cerberus.simulator.clock import ALIGNMENT_MINUTES, MINUTE_MS, new_anchor
from cerberus.simulator.datasets import DATASETS, dataset, load_bars, read_series
from cerberus.simulator.feed import Feed, Hold

D = Decimal
BARS = load_bars(dataset("2017-09-03"))
FIRST = 29_841_840 - 1125
FEED = Feed(BARS, FIRST)
LENGTH = 2880


def at(bar: int, seconds: int = 0) -> int:
    return (FIRST + bar) * MINUTE_MS + seconds * 1000


def test_bundled_series_are_whole() -> None:
    assert {asset: len(bars) for asset, bars in BARS.items()} == {"BTC": LENGTH, "ETH": LENGTH}
    hourly = read_series("btcusd_1h_2017-07-01.csv.gz")
    assert (len(hourly.bars), hourly.bar_seconds) == (20_111, 3600)
    assert BARS["BTC"][0].open == D("4642.39")


def test_an_unknown_dataset_refuses_to_start() -> None:
    with pytest.raises(Misconfigured, match="known: 2017-09-03"):
        dataset("1999")


def test_the_start_bar_keeps_the_grid_and_the_warm_up() -> None:
    for chosen in DATASETS.values():
        assert chosen.start_bar % ALIGNMENT_MINUTES == 0
        assert chosen.start_bar >= 1000


@pytest.mark.parametrize("offset", [0, 1, 7, 14, 15, 29])
def test_the_data_moves_by_whole_quarters_of_an_hour(offset: int) -> None:
    wall_ms = 1_790_510_400_000 + offset * MINUTE_MS + 12_345
    anchor = new_anchor("2017-09-03", 1125, D(1), wall_ms)
    assert anchor.first_minute % ALIGNMENT_MINUTES == 0
    assert 1125 <= wall_ms // MINUTE_MS - anchor.first_minute < 1125 + ALIGNMENT_MINUTES
    assert anchor.market_time(wall_ms + 1000) == wall_ms + 1000


def test_another_speed_goes_on_from_the_present() -> None:
    anchor = new_anchor("2017-09-03", 1125, D(1), 1_790_510_400_000)
    faster = anchor.at_speed(D(60), 1_790_510_460_000)
    assert faster.market_time(1_790_510_460_000) == 1_790_510_460_000
    assert faster.market_time(1_790_510_461_000) == 1_790_510_520_000
    assert faster.at_speed(D(60), 1_790_510_999_000) is faster


@pytest.mark.parametrize("bar", [0, 1, 1125, 2879])
def test_four_real_prices_trade_in_each_minute(bar: int) -> None:
    path = price_path(BARS["BTC"][bar])
    for number, price in enumerate(path):
        for second in (0, 7, 14):
            assert FEED.last("BTC", at(bar, 15 * number + second)).price == price


def test_the_next_repetition_begins_where_the_last_ended() -> None:
    end = FEED.last("BTC", at(LENGTH, -1)).price
    begin = FEED.last("BTC", at(LENGTH)).price
    assert begin == pytest.approx(end, abs=D("0.01"))
    assert (FEED.repetition(at(LENGTH, -1)), FEED.repetition(at(LENGTH))) == (0, 1)
    again = FEED.last("BTC", at(2 * LENGTH)).price
    assert again == pytest.approx(FEED.last("BTC", at(2 * LENGTH, -1)).price, rel=D("0.0001"))


def test_repetitions_do_not_drift_away() -> None:
    far = FEED.last("ETH", at(1000 * LENGTH + 500)).price
    assert far == FEED.last("ETH", at(LENGTH + 500)).price


def test_an_open_candle_grows_with_its_prices() -> None:
    bar = BARS["BTC"][1125]
    first, second, third, last = price_path(bar)
    minute = FIRST + 1125
    fresh = FEED.minute("BTC", minute, at(1125, 3))
    half = FEED.minute("BTC", minute, at(1125, 31))
    assert (fresh.open, fresh.close, fresh.volume) == (first, first, bar.volume / 4)
    assert (half.high, half.low) == (max(first, second, third), min(first, second, third))
    assert FEED.minute("BTC", minute, at(1126)) == bar
    assert FEED.minute("BTC", minute, at(1125, 59)).close == last


@pytest.mark.parametrize("interval", ["5m", "1h", "4h", "1d", "7d"])
def test_longer_candles_merge_their_minutes(interval: str) -> None:
    seconds = INTERVAL_SECONDS[interval]
    start = at(2000) // 1000 // seconds * seconds
    now = at(2879, 59)
    candle = Candles(FEED).at("BTC", start, seconds, now)
    first = max(start // 60 - FIRST, 0)
    bars = BARS["BTC"][first : min(start // 60 - FIRST + seconds // 60, LENGTH)]
    assert candle is not None
    assert (candle.open, candle.close) == (bars[0].open, bars[-1].close)
    assert candle.high == max(bar.high for bar in bars)
    assert candle.low == min(bar.low for bar in bars)
    assert candle.volume == sum(bar.volume for bar in bars)


def test_there_are_no_candles_before_the_data() -> None:
    assert Candles(FEED).at("BTC", at(-60) // 1000, 60, at(100)) is None
    with pytest.raises(LookupError):
        FEED.base_bar("BTC", FIRST - 1)


def test_a_hold_replaces_the_feed_until_it_ends() -> None:
    feed = Feed(BARS, FIRST)
    feed.hold(Hold("BTC", at(1200, 5), at(1200, 50), D(5000)))
    assert feed.last("BTC", at(1200, 4)).price == BARS["BTC"][1200].open
    assert feed.last("BTC", at(1200, 5)).price == D(5000)
    assert feed.last("BTC", at(1200, 59)).price == D(5000)
    assert feed.last("BTC", at(1201)).price == BARS["BTC"][1201].open
    assert feed.last("ETH", at(1200, 30)).price != D(5000)
    assert feed.minute("BTC", FIRST + 1200, at(1202)).high == D(5000)
    assert feed.minute("BTC", FIRST + 1200, at(1202)).close == D(5000)
    assert feed.minute("BTC", FIRST + 1202, at(1204)) == BARS["BTC"][1202]


def test_a_hold_without_length_lasts_until_the_next_price() -> None:
    feed = Feed(BARS, FIRST)
    feed.hold(Hold("BTC", at(1200, 16), at(1200, 16), D(5000)))
    assert feed.last("BTC", at(1200, 29)).price == D(5000)
    assert feed.last("BTC", at(1200, 30)).price == price_path(BARS["BTC"][1200])[2]


def test_a_later_hold_ends_an_earlier_one() -> None:
    feed = Feed(BARS, FIRST)
    feed.hold(Hold("BTC", at(1200), at(1300), D(5000)))
    feed.hold(Hold("BTC", at(1210), at(1210), D(5100)))
    assert feed.last("BTC", at(1209, 59)).price == D(5000)
    assert feed.last("BTC", at(1210)).price == D(5100)
    assert feed.last("BTC", at(1210, 15)).price == price_path(BARS["BTC"][1210])[1]
