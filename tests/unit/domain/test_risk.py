from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerberus.domain.risk import Record, RiskLimits
from tests.unit.domain.examples import SWAP, context, position

D = Decimal
LIMITS = RiskLimits(risk_usd=D(15), leverage_max=D(30), leverage_default=D(5))

wishes = st.one_of(st.none(), st.decimals("-100", "1000", places=3))


@pytest.mark.parametrize(
    ("risk", "leverage", "expected"),
    [
        (None, None, ("15", "30", "5")),
        ("10", "20", ("10", "20", "5")),
        ("15", "30", ("15", "30", "5")),
        ("16", "31", ("15", "30", "5")),
        ("1000000", "125", ("15", "30", "5")),
        ("0", "0", ("0", "0", "0")),
        ("-1", "3", ("-1", "3", "3")),
        ("15", "2.5", ("15", "2.5", "2")),
    ],
)
def test_a_wish_only_tightens(
    risk: str | None, leverage: str | None, expected: tuple[str, str, str]
) -> None:
    limits = LIMITS.tightened(
        None if risk is None else D(risk), None if leverage is None else D(leverage)
    )

    found = (limits.risk_usd, limits.leverage_max, limits.leverage_default)
    assert found == tuple(D(value) for value in expected)


@given(wishes, wishes)
def test_no_wish_loosens_any_limit(risk: Decimal | None, leverage: Decimal | None) -> None:
    limits = LIMITS.tightened(risk, leverage)

    assert limits.risk_usd <= LIMITS.risk_usd
    assert limits.leverage_max <= LIMITS.leverage_max
    assert limits.leverage_default <= min(LIMITS.leverage_default, limits.leverage_max)
    assert limits.leverage_default == int(limits.leverage_default)
    assert limits.tightened(risk, leverage) == limits


@pytest.mark.parametrize(
    ("equity", "peak", "rate"),
    [("95", "100", "0.05"), ("100", "100", "0"), ("120", "100", "0"), ("-5", "0", "0")],
)
def test_a_drawdown_is_measured_from_the_peak(equity: str, peak: str, rate: str) -> None:
    assert Record(equity=D(equity), peak_equity=D(peak)).drawdown_rate == D(rate)


def test_exposure_is_what_is_held_and_what_is_pending() -> None:
    held = {SWAP.symbol: position(quantity=D(2), entry_price=D(100))}
    seen = context(positions=held, pending_notional={SWAP.symbol: D(30), "ETH/USDT": D(7)})

    assert seen.exposure(SWAP.symbol) == 230
    assert seen.exposure("ETH/USDT") == 7
    assert seen.exposure("SOL/USDT") == 0
