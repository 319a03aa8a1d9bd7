"""Take a signal in: once, however often it is told."""

from dataclasses import dataclass

from cerberus.domain.signals import DUPLICATE_WINDOW, Signal, fingerprint
from cerberus.domain.trades import SignalRecord
from cerberus.domain.validation import Problem, validate
from cerberus.errors import Conflict
from cerberus.ids import new_id
from cerberus.ports import Transaction
from cerberus.resilience.deduplicator import First
from cerberus.services.desk import Desk


@dataclass(frozen=True, slots=True)
class Intake:
    """A signal's record; `is_duplicate` when it was taken in before."""

    record: SignalRecord
    is_duplicate: bool


async def check(desk: Desk, signal: Signal) -> list[Problem]:
    """Return what is wrong with a signal, against the market as it is now."""
    desk.ensure_open()
    instrument = desk.instruments.get(signal.symbol)
    quote = None if instrument is None else await desk.quote(signal.symbol)
    now = desk.market_clock.now()
    return validate(signal, instrument, quote, now, desk.rules.signal_rules)


async def told_before(desk: Desk, signal: Signal) -> Intake | None:
    """Return the record of the first equal signal, if there is one."""
    record, known = _new_record(desk, signal), desk.duplicates
    first_id = known.find(_keys(record), record.received_at)

    def find(transaction: Transaction) -> Intake | None:
        if first_id is not None and (first := transaction.signals.get(first_id)) is not None:
            return Intake(first, is_duplicate=True)
        return _duplicate(transaction, record)

    intake = await desk.store.read(find)
    if intake is not None and first_id is None:
        known.tally.from_store += 1
        _remember(desk, intake.record)
    return intake


async def take_in(desk: Desk, signal: Signal) -> Intake:
    """Store a valid signal, or return the record of the first equal one."""
    record, tally = _new_record(desk, signal), desk.duplicates.tally

    def add(transaction: Transaction) -> Intake:
        duplicate = _duplicate(transaction, record)
        if duplicate is None:
            transaction.signals.add(record)
        return duplicate or Intake(record, is_duplicate=False)

    try:
        intake = await desk.write(add)
    except Conflict:
        # another process was faster: the unique columns told us
        tally.lost_races += 1
        intake = await desk.write(add)
    if intake.is_duplicate:
        tally.from_store += 1
    else:
        tally.new += 1
    _remember(desk, intake.record)
    return intake


def _duplicate(transaction: Transaction, record: SignalRecord) -> Intake | None:
    first = transaction.signals.first(record.fingerprint, record.external_id)
    return Intake(first, is_duplicate=True) if first and _is_same(first, record) else None


def _remember(desk: Desk, record: SignalRecord) -> None:
    first = First(record.signal_id, record.received_at, record.signal.is_identified)
    desk.duplicates.remember(_keys(record), first)


def _keys(record: SignalRecord) -> tuple[str, ...]:
    if record.external_id is None:
        return (record.fingerprint,)
    return (record.fingerprint, f"id {record.external_id}")


def _new_record(desk: Desk, signal: Signal) -> SignalRecord:
    return SignalRecord(
        signal_id=new_id(),
        external_id=signal.signal_id,
        fingerprint=fingerprint(signal),
        symbol=signal.symbol,
        received_at=desk.wall_clock.now(),
        signal=signal,
    )


def _is_same(first: SignalRecord, second: SignalRecord) -> bool:
    if second.signal.is_identified:
        return True
    return second.received_at - first.received_at <= DUPLICATE_WINDOW
