"""Tell that losses have ended trading for now, in the transaction that has booked them."""

from collections.abc import Iterator
from datetime import date, datetime

from cerberus.domain.alerts.alert import WATCH, Level
from cerberus.domain.performance import Performance
from cerberus.domain.risk import RiskLimits
from cerberus.ports import Transaction
from cerberus.services.alerts.raising import raise_alert
from cerberus.services.desk import Desk


def halts(sums: Performance, limits: RiskLimits, today: date) -> Iterator[tuple[str, str, str]]:
    """Yield name, title and message of every limit that holds entries back."""
    day = sums.pnl_of(today)
    if day <= -limits.daily_loss_usd:
        told = f"result of the UTC day {day:.2f} USD, limit -{limits.daily_loss_usd} USD"
        yield "daily_loss", "the daily loss is reached, entries are refused until tomorrow", told
    if sums.drawdown_latched:
        told = (
            f"equity {sums.equity:.2f} USD, peak {sums.peak_equity:.2f} USD, limit "
            f"{limits.drawdown_rate:.2%}; a person resets it by POST /api/risk/reset"
        )
        yield "drawdown", "the drawdown is reached, entries are refused until it is reset", told
    if sums.losses_in_a_row >= limits.losses_in_a_row:
        told = f"{sums.losses_in_a_row} losses in a row, limit {limits.losses_in_a_row}"
        yield "losses_in_a_row", "too many losses in a row, entries are refused", told


def note_halts(
    desk: Desk, transaction: Transaction, before: Performance, after: Performance
) -> None:
    """Raise an alert for every limit that is reached now and was not before."""
    today = desk.market_clock.now().date()
    known = {name for name, _, _ in halts(before, desk.limits, today)}
    now = desk.wall_clock.now()
    for name, title, message in halts(after, desk.limits, today):
        if name not in known:
            raise_alert(transaction, name, Level.CRITICAL, title, message, at=now, source=WATCH)


def note_stop(transaction: Transaction, reason: str, actor: str, now: datetime) -> None:
    """Raise the alert of an emergency stop; it ends when the stop is released."""
    title, message = stop_texts(reason, actor)
    name = "emergency_stop"
    raise_alert(transaction, name, Level.EMERGENCY, title, message, at=now, source=WATCH)


def stop_texts(reason: str, actor: str) -> tuple[str, str]:
    """Return title and message of an emergency stop."""
    return (
        "emergency stop",
        f"{reason} (by {actor}); every position is being closed, entries stay blocked until it "
        "is released",
    )
