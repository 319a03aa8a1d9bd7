from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerberus.domain.market import (
    MarketType,
    Quote,
    is_on_step,
    parse_symbol,
    round_down,
    round_up,
)
from cerberus.errors import Invalid
from tests.unit.domain.examples import NOW, QUOTE, SPOT, SWAP

#: what the API lets in, and finer steps than any venue has
amounts = st.decimals("1e-12", "1e12", places=12)
steps = st.one_of(
    st.integers(-18, 4).map(lambda power: Decimal(1).scaleb(power)),
    st.decimals("1e-12", "100", places=12),
)


@pytest.mark.parametrize(
    ("text", "default", "unified"),
    [
        ("BTCUSDT", MarketType.SWAP, "BTC/USDT:USDT"),
        ("BTCUSDT", MarketType.SPOT, "BTC/USDT"),
        ("btcusdt", MarketType.SPOT, "BTC/USDT"),
        ("BTC_USDT", MarketType.SPOT, "BTC/USDT"),
        ("BTC_USDT", MarketType.SWAP, "BTC/USDT:USDT"),
        ("BTC/USDT", MarketType.SWAP, "BTC/USDT:USDT"),
        ("BTC/USDT:USDT", MarketType.SPOT, "BTC/USDT:USDT"),
        ("BTC_USDT:USDT", MarketType.SPOT, "BTC/USDT:USDT"),
        ("ETHBTC", MarketType.SPOT, "ETH/BTC"),
        ("BTCUSD", MarketType.SPOT, "BTC/USD"),
        ("USDTUSDC", MarketType.SPOT, "USDT/USDC"),
        ("1INCH/USDT", MarketType.SPOT, "1INCH/USDT"),
        ("A" * 20 + "USDT", MarketType.SPOT, "A" * 20 + "/USDT"),
    ],
)
def test_reads_every_accepted_spelling_of_a_symbol(
    text: str, default: MarketType, unified: str
) -> None:
    assert parse_symbol(text, default) == unified


@pytest.mark.parametrize(
    "text",
    [
        "",
        "USDT",
        "BTC",
        "BTC-USDT",
        "BTC/USDT:",
        "BTC//USDT",
        "BTC/USDT:USDT:USDT",
        "BTC/USDT\n",
        " BTC/USDT",
        "A" * 21 + "USDT",
        "A" * 21 + "/USDT",
        "BTC;DROP/USDT",
        "b\u0131g/usdt",
        "BTC/U\u017fDT",
        "\ufb01USDT",
        "\u0411TCUSDT",
    ],
)
def test_refuses_what_is_no_symbol_and_names_the_field(text: str) -> None:
    with pytest.raises(Invalid, match="expected a form like") as refused:
        parse_symbol(text, MarketType.SWAP)

    assert refused.value.field == "symbol"


@given(st.text(max_size=60))
def test_any_text_is_either_a_unified_symbol_or_invalid(text: str) -> None:
    try:
        unified = parse_symbol(text, MarketType.SWAP)
    except Invalid:
        return
    assert parse_symbol(unified, MarketType.SPOT) == unified


@pytest.mark.parametrize(
    ("value", "step", "down", "up"),
    [
        ("1.25", "0.1", "1.2", "1.3"),
        ("1.2", "0.1", "1.2", "1.2"),
        ("0.05", "0.1", "0", "0.1"),
        ("10", "3", "9", "12"),
        ("0.07", "0.025", "0.050", "0.075"),
        ("0", "0.1", "0", "0"),
        # the quotient is 2 less two parts in 10^28, which 28 digits would round to 2
        ("0.8999999999999999999999999999", "0.45", "0.45", "0.90"),
        ("123456789012.123456789012", "1e-18", "123456789012.123456789012", None),
    ],
)
def test_rounds_down_and_up_to_the_step(value: str, step: str, down: str, up: str | None) -> None:
    assert round_down(Decimal(value), Decimal(step)) == Decimal(down)
    assert round_up(Decimal(value), Decimal(step)) == Decimal(up or value)


@given(amounts, steps)
def test_rounding_brackets_every_amount_by_less_than_a_step(value: Decimal, step: Decimal) -> None:
    down, up = round_down(value, step), round_up(value, step)

    assert down <= value <= up
    assert value - down < step
    assert up - value < step
    assert is_on_step(down, step)
    assert is_on_step(up, step)


@pytest.mark.parametrize(
    ("value", "step", "expected"),
    [
        ("0.3", "0.1", True),
        ("0.35", "0.1", False),
        ("0", "0.1", True),
        ("9", "3", True),
        ("1000000000000", "1e-18", True),
        ("NaN", "0.1", False),
        ("Infinity", "0.1", False),
    ],
)
def test_says_whether_an_amount_is_on_the_step(value: str, step: str, expected: bool) -> None:
    assert is_on_step(Decimal(value), Decimal(step)) is expected


@pytest.mark.parametrize(
    ("bid", "ask"), [("0", "1"), ("-1", "1"), ("2", "1"), ("NaN", "1"), ("1", "NaN"), ("1", "Inf")]
)
def test_a_crossed_or_empty_book_is_no_quote(bid: str, ask: str) -> None:
    with pytest.raises(ValueError, match="are no quote"):
        Quote("BTC/USDT", Decimal(bid), Decimal(ask), NOW)


def test_a_quote_knows_its_middle_and_its_spread() -> None:
    quote = Quote("BTC/USDT", Decimal(99), Decimal(101), NOW)

    assert quote.mid == 100
    assert quote.spread_rate == Decimal("0.02")
    assert Quote("BTC/USDT", Decimal(5), Decimal(5), NOW).spread_rate == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price_tick", "0"),
        ("quantity_step", "0"),
        ("quantity_step", "NaN"),
        ("contract_size", "-1"),
        ("leverage_max", "0"),
        ("quantity_min", "-1"),
        ("notional_min", "Infinity"),
        ("maintenance_rate", "-0.1"),
    ],
)
def test_a_market_whose_limits_make_no_sense_is_refused(field: str, value: str) -> None:
    with pytest.raises(ValueError, match=field):
        replace(SWAP, **{field: Decimal(value)})


def test_only_a_perpetual_is_a_swap() -> None:
    assert SWAP.is_swap
    assert not SPOT.is_swap
    assert QUOTE.symbol == SWAP.symbol
