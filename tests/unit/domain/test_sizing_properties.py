from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from cerberus.domain.balances import entry_reservation
from cerberus.domain.market import Instrument, MarketType, Quote, is_on_step
from cerberus.domain.signals import EntryType, Level, Side, Size, SizeUnit
from cerberus.domain.sizing import Plan, SizingRules, plan_entry, smallest_quantity
from tests.unit.domain.examples import NOW, SPOT, SWAP, signal

money = st.decimals("0.01", "1000000", places=6)
steps = st.integers(-12, 3).map(lambda power: Decimal(1).scaleb(power))


@st.composite
def instruments(draw: st.DrawFn) -> Instrument:
    step = draw(steps) * draw(st.integers(1, 9))
    return replace(
        draw(st.sampled_from([SWAP, SPOT])),
        price_tick=draw(steps),
        quantity_step=step,
        quantity_min=step * draw(st.integers(0, 20)),
        notional_min=draw(st.sampled_from([Decimal(0), Decimal(3), Decimal("10.5")])),
        fee_rate_taker=draw(st.decimals(0, "0.01", places=5)),
    )


@st.composite
def quotes(draw: st.DrawFn) -> Quote:
    bid = draw(st.decimals("1e-9", "1e7", places=9).filter(lambda price: price > 0))
    return Quote("X/USDT", bid, bid * draw(st.decimals(1, "1.01", places=6)), NOW)


@st.composite
def rules(draw: st.DrawFn) -> SizingRules:
    return SizingRules(
        risk_usd=draw(money),
        exposure_usd=draw(st.decimals("-1000", "1000000", places=6)),
        available_usd=draw(st.decimals(0, "1000000", places=6)),
        equity_usd=draw(st.decimals(0, "1000000", places=6)),
        leverage=Decimal(draw(st.integers(1, 125))),
        market_band_rate=draw(st.decimals("0.0001", "0.1", places=4)),
    )


def levels() -> st.SearchStrategy[Level | None]:
    percent = st.decimals("0.000001", "99.999999", places=6).map(lambda one: Level(one, True))
    return st.one_of(st.none(), percent)


@st.composite
def plans(draw: st.DrawFn, sizes: st.SearchStrategy[Size | None]) -> tuple[Plan, SizingRules]:
    quote, limits, market = draw(quotes()), draw(rules()), draw(instruments())
    is_limit = draw(st.booleans())
    told = signal(
        side=draw(st.sampled_from(Side)),
        entry_type=EntryType.LIMIT if is_limit else EntryType.MARKET,
        price=quote.mid if is_limit else None,
        stop_loss=draw(levels()),
        take_profit=draw(levels()),
        size=draw(sizes),
    )
    return plan_entry(told, market, quote, limits), limits


def usable(limits: SizingRules) -> Decimal:
    return limits.available_usd * (1 - limits.balance_spare_rate)


@given(plans(st.none()))
def test_a_size_by_risk_never_exceeds_any_budget(planned: tuple[Plan, SizingRules]) -> None:
    plan, limits = planned
    if plan.problem or not plan.quantity:
        return
    least = smallest_quantity(plan.instrument, plan.entry_price, plan.stop_price)

    assert plan.risk_usd <= limits.risk_usd
    assert plan.quantity >= least
    if plan.quantity == least:
        return  # the minimum: exposure and balance are checked apart
    assert plan.notional <= limits.exposure_usd
    worst = max(plan.worst_price, plan.entry_price)
    side = plan.signal.side
    held = entry_reservation(plan.instrument, side, plan.quantity, worst, plan.leverage)
    if held.currency == plan.instrument.quote:
        assert held.amount <= usable(limits)


@given(plans(st.none()))
def test_a_plan_is_either_sound_or_says_why_not(planned: tuple[Plan, SizingRules]) -> None:
    plan, _ = planned
    sign = plan.signal.side.sign

    assert is_on_step(plan.quantity, plan.instrument.quantity_step)
    assert is_on_step(plan.stop_price, plan.instrument.price_tick)
    assert is_on_step(plan.target_price, plan.instrument.price_tick)
    if plan.problem:
        return
    assert plan.quantity > 0
    assert (plan.entry_price - plan.stop_price) * sign > 0
    assert (plan.target_price - plan.entry_price) * sign > 0
    assert min(plan.stop_price, plan.target_price, plan.worst_price) > 0


amounts = st.decimals(0, "1e12", places=12)


@given(plans(st.builds(Size, amounts, st.sampled_from(SizeUnit))))
def test_no_size_within_the_apis_bounds_raises(planned: tuple[Plan, SizingRules]) -> None:
    plan, _ = planned

    assert plan.quantity.is_finite()
    assert plan.quantity >= 0
    assert plan.risk_usd >= 0


@given(plans(st.none()))
def test_what_a_spot_entry_leaves_after_its_fee_can_be_sold(
    planned: tuple[Plan, SizingRules],
) -> None:
    plan, _ = planned
    market = plan.instrument
    if plan.problem or market.market_type is MarketType.SWAP or plan.signal.side is Side.SELL:
        return
    held = plan.quantity * (1 - market.fee_rate_taker)
    sellable = held - held % market.quantity_step

    assert sellable >= market.quantity_min
    assert sellable * plan.stop_price >= market.notional_min
