from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerberus.domain.funding import (
    LEDGER_LATENESS,
    READ_OVERLAP,
    FundingPayment,
    Held,
    ask_since,
)
from tests.unit.domain.examples import NOW, SWAP

PAYMENT = FundingPayment("gate", SWAP.symbol, NOW, "7", Decimal("-0.5"), "USDT")
HOUR = timedelta(hours=1)
LONG_AGO = NOW - timedelta(days=9)


@pytest.mark.parametrize(
    ("held", "asked_at", "since"),
    [
        (Held(LONG_AGO, None), None, LONG_AGO),
        (Held(LONG_AGO, LONG_AGO + HOUR), None, LONG_AGO),
        (Held(LONG_AGO, None), NOW, NOW - READ_OVERLAP),
        (Held(NOW - HOUR, None), NOW, NOW - HOUR),
        # closed while nobody asked, and a moment ago: the ledger may still be late
        (Held(LONG_AGO, NOW), NOW - HOUR * 3, NOW - HOUR * 3 - READ_OVERLAP),
        (Held(LONG_AGO, NOW - LEDGER_LATENESS), NOW, NOW - READ_OVERLAP),
        (Held(LONG_AGO, NOW - LEDGER_LATENESS - HOUR), NOW, None),
    ],
)
def test_asks_from_where_nothing_can_have_been_missed(
    held: Held, asked_at: datetime | None, since: datetime | None
) -> None:
    assert ask_since(held, asked_at) == since


hours = st.integers(0, 400).map(lambda number: LONG_AGO + HOUR * number)


@given(hours, st.none() | hours, st.lists(st.integers(0, 90), max_size=10), hours)
def test_a_payment_that_appears_within_an_hour_is_always_read(
    since: datetime, until: datetime | None, pauses: list[int], paid_at: datetime
) -> None:
    """However irregular the asking is, as long as the holding is known when it begins."""
    held = Held(since, None if until is None else max(since, until))
    if paid_at <= held.since or (held.until is not None and paid_at > held.until):
        return
    appears_at = paid_at + LEDGER_LATENESS
    asked_at, is_read = None, False
    now = since
    for pause in [*pauses, 1000]:
        now += HOUR * pause
        begin = ask_since(held, asked_at)
        if begin is not None:
            is_read = is_read or (begin <= paid_at and appears_at <= now)
            asked_at = now

    assert is_read


def test_a_time_without_a_zone_and_a_sum_that_is_none_are_no_payment() -> None:
    with pytest.raises(ValueError, match="aware"):
        replace(PAYMENT, at=NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="finite"):
        replace(PAYMENT, amount=Decimal("NaN"))
