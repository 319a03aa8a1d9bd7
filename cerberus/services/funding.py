"""Read the venue's funding payments and book each once, onto the position that held then."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from cerberus.domain.funding import LEDGER_DELAY, FundingPayment, ask_since
from cerberus.domain.market import ZERO
from cerberus.domain.performance import from_fact, to_fact
from cerberus.errors import CerberusError, Transient
from cerberus.ports import Transaction
from cerberus.services.alerts.halts import note_halts
from cerberus.services.desk import Desk
from cerberus.services.snapshot import PERFORMANCE

log = logging.getLogger(__name__)

#: for each symbol the market time at which its funding was last asked for
FUNDING_ASKED = "funding_asked"


async def read_funding(desk: Desk) -> Decimal:
    """Book the new funding of every perpetual that is, or lately was, held; return its sum.

    Whatever fails is asked for again from the same moment on, and what was read twice is booked
    once: it may be interrupted and repeated at any time.

    Raises
    ------
    Transient
        One symbol could not be read; the others are booked.
    """
    due = await desk.store.read(lambda transaction: _due(desk, transaction))
    total, failures = ZERO, []
    for symbol, since in sorted(due.items()):
        try:
            total += await _read_symbol(desk, symbol, since)
        except CerberusError as error:
            failures.append(f"{symbol}: {error}")
    if failures:
        raise Transient(f"funding could not be read: {'; '.join(failures)}")
    return total


def book_funding(
    desk: Desk,
    transaction: Transaction,
    symbol: str,
    payments: Sequence[FundingPayment],
    asked_at: datetime,
) -> list[FundingPayment]:
    """Store what was read, book what belongs to a position, and return what was booked now.

    A payment of a time at which nothing of ours is known to have been held is kept apart: its
    position may be booked later; funding of a holding that is not ours stays out of the sums.
    """
    for payment in payments:
        transaction.funding.add(payment)
    before = sums = from_fact(transaction.facts.get(PERFORMANCE))
    booked = []
    for payment in transaction.funding.unassigned(symbol):
        position = transaction.positions.held_at(symbol, payment.at, LEDGER_DELAY)
        if position is not None:
            transaction.positions.save(position.funded(payment.amount))
            transaction.funding.assign(payment, position.position_id)
            sums = sums.funded(payment.amount, payment.at)
            booked.append(payment)
    now = desk.wall_clock.now()
    if booked:
        transaction.facts.put(PERFORMANCE, to_fact(sums), now)
        note_halts(desk, transaction, before, sums)
    asked = {**transaction.facts.get(FUNDING_ASKED), symbol: asked_at.isoformat()}
    transaction.facts.put(FUNDING_ASKED, asked, now)
    return booked


async def _read_symbol(desk: Desk, symbol: str, since: datetime) -> Decimal:
    asked_at = desk.market_clock.now()
    payments = await desk.exchange.funding(symbol, since)
    booked = await desk.write(
        lambda transaction: book_funding(desk, transaction, symbol, payments, asked_at)
    )
    for payment in booked:
        log.info("funding_booked symbol=%s at=%s amount=%s", symbol, payment.at, payment.amount)
    if booked:
        desk.account_changed()
    return sum((payment.amount for payment in booked), ZERO)


def _due(desk: Desk, transaction: Transaction) -> Mapping[str, datetime]:
    """Return from when on each symbol is to be asked for; a symbol that is over is left out."""
    asked = transaction.facts.get(FUNDING_ASKED)
    due = {}
    for symbol, held in transaction.positions.held().items():
        instrument = desk.instruments.get(symbol)
        if instrument is None or not instrument.is_swap:
            continue
        told = asked.get(symbol)
        since = ask_since(held, None if told is None else datetime.fromisoformat(told))
        if since is not None:
            due[symbol] = since
    return due
