"""Reconcile with the venue: what agrees is left alone, the rest is repaired, held back or told.

It asks with few calls first, without a lock. Only where both sides differ is the symbol's lock
taken, everything on it followed, and both sides read again.
"""

import asyncio
import logging

from cerberus.domain.alerts.alert import Level
from cerberus.domain.holds import Holds, Key, Kind, to_fact
from cerberus.domain.reconciliation import Finding, Item, Ours, Problem, compare, judge
from cerberus.domain.reconciliation_report import Ledger, Report, next_holds
from cerberus.errors import CerberusError, Transient
from cerberus.ports import Transaction
from cerberus.services.alerts.raising import raise_alert, resolve_alert
from cerberus.services.both_sides import read_ours, read_theirs, unknown_fills
from cerberus.services.check_money import check_money
from cerberus.services.desk import Desk
from cerberus.services.settle import settle
from cerberus.services.snapshot import HOLDS, read_holds

log = logging.getLogger(__name__)

QUARANTINE, FOREIGN, DRIFT = "quarantine", "foreign", "balance_drift"
ACTOR = "reconciliation"


async def reconcile(desk: Desk) -> Report:
    """Compare everything with the venue once; repeated, it changes nothing more.

    Raises
    ------
    Transient
        The venue cannot be asked now, or an emergency stop goes past the books.
    """
    async with desk.reconciliation.lock:
        if desk.halt is not None:
            raise Transient("an emergency stop is under way past the store")
        began = desk.wall_clock.now()
        holds = await desk.store.read(read_holds)
        items, unsettled = await _symbols(desk, holds)
        ledger = Ledger()
        try:
            wallets, moving, ledger = await check_money(desk)
        except Transient as error:
            wallets, moving = [], {key[1]: str(error) for key in _balances(holds)}
        items, unsettled = [*items, *wallets], {**unsettled, **moving}
        await _keep(desk, holds, next_holds(holds, items, unsettled))
        seconds = (desk.wall_clock.now() - began).total_seconds()
        report = Report(began, seconds, items, unsettled, ledger)
        desk.reconciliation.report = report
        return report


async def _symbols(desk: Desk, holds: Holds) -> tuple[list[Item], dict[str, str]]:
    before = await read_ours(desk)
    theirs, lacking = await asyncio.gather(read_theirs(desk), _lacking(desk, before))
    after = await read_ours(desk)
    findings = compare(after, theirs, desk.instruments)
    suspects = lacking | _moved(before, after) | {one.symbol for one in findings if _is_off(one)}
    items = [judge(one, holds) for one in findings if one.symbol not in suspects]
    unsettled: dict[str, str] = {}
    for symbol in sorted(suspects):
        try:
            async with desk.locks[symbol]:
                items += await settle(desk, symbol, holds)
        except CerberusError as error:
            unsettled[symbol] = str(error)
    return items, unsettled


def _is_off(finding: Finding) -> bool:
    return finding.problem is not Problem.NONE


async def _lacking(desk: Desk, ours: Ours) -> set[str]:
    """Return the symbols on which the venue has fills that the books lack."""
    symbols = sorted({one.symbol for one in ours.positions})
    found = await asyncio.gather(*(unknown_fills(desk, symbol, ours) for symbol in symbols))
    return {symbol for symbol, fills in zip(symbols, found, strict=True) if fills}


def _moved(before: Ours, after: Ours) -> set[str]:
    """Return the symbols whose books changed while the venue was asked, or wait for an answer."""
    symbols = before.symbols | after.symbols
    if before == after:
        return {one for one in symbols if after.is_in_flight(one)}
    return {
        one
        for one in symbols
        if after.is_in_flight(one) or before.of_symbol(one) != after.of_symbol(one)
    }


async def _keep(desk: Desk, old: Holds, new: Holds) -> None:
    """Store what is held back, with its alerts, in one transaction, when it has changed."""
    if new != old:
        await desk.write(lambda transaction: store_holds(desk, transaction, old, new))


def store_holds(
    desk: Desk, transaction: Transaction, old: Holds, new: Holds, actor: str = ACTOR
) -> None:
    """Store the holds; raise an alert for each new one, and resolve those that are over."""
    now = desk.wall_clock.now()
    transaction.facts.put(HOLDS, to_fact(new), now)
    for name, subject, text in _added(old, new):
        log.warning("held_back name=%s subject=%s reason=%s", name, subject, text)
        level, title = _TITLES[name]
        title = title.format(subject)
        raise_alert(transaction, name, level, title, text, at=now, subject=subject)
        transaction.facts.note(now, actor, name, subject, text)
    for name, subject, _ in _added(new, old):
        resolve_alert(transaction, name, now, subject)


_TITLES = {
    QUARANTINE: (Level.CRITICAL, "{} is in quarantine, entries on it are refused"),
    FOREIGN: (Level.CRITICAL, "{} is not ours, entries are refused until a person adopts it"),
    DRIFT: (Level.WARNING, "{} has drifted"),
}


def _added(old: Holds, new: Holds) -> list[tuple[str, str, str]]:
    """Return name, subject and text of each hold that only the second has."""
    foreign = [(key, text) for key, text in new.foreign.items() if key not in old.foreign]
    told = [
        (DRIFT if key[0] is Kind.BALANCE else FOREIGN, " ".join(key), one) for key, one in foreign
    ]
    fresh = {one: text for one, text in new.quarantined.items() if one not in old.quarantined}
    return [*told, *((QUARANTINE, symbol, text) for symbol, text in fresh.items())]


def _balances(holds: Holds) -> list[Key]:
    return [key for key in holds.foreign if key[0] is Kind.BALANCE]
