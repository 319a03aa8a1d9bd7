"""Compare the venue's wallets and open results with what our trading should have made of them."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from cerberus.domain.balances import Account, Wallet
from cerberus.domain.drift import Flow, drift, expected, open_results, tolerance
from cerberus.domain.holds import Kind
from cerberus.domain.market import ZERO, MarketType
from cerberus.domain.reconciliation import Finding, Item, Outcome, Problem
from cerberus.domain.reconciliation_report import Ledger
from cerberus.errors import Transient
from cerberus.ports import Transaction
from cerberus.services.both_sides import read_flows
from cerberus.services.coin_fees import read_coin_fees
from cerberus.services.desk import Desk
from cerberus.services.funding import read_funding

#: what each wallet held beside our trading, when it was looked at first or a person adopted it
BASELINE = "reconciliation_baseline"
BALANCE_ID = "balance"
#: a fill or a payment of a moment ago may be booked still: a drift counts when it has lasted
LASTING = timedelta(seconds=5)


async def check_money(desk: Desk) -> tuple[list[Item], dict[str, str], Ledger]:
    """Return an item for each wallet that we trade with, what is unsettled, and the sums.

    Raises
    ------
    Transient
        Something was booked while the venue was asked.
    """
    flows, paid, account = await _read_at_rest(desk)
    sums = expected(flows, desk.instruments, paid)
    drifts = drift(account.totals, sums, await _baseline(desk, account, sums))
    if any(abs(value) > tolerance(one, desk.instruments) for one, value in drifts.items()):
        await read_funding(desk)  # it may have been paid since it was last read
        flows, paid, account = await _read_at_rest(desk)
        sums = expected(flows, desk.instruments, paid)
        drifts = drift(account.totals, sums, await _baseline(desk, account, sums))
    items, unsettled = [], {}
    for wallet, value in sorted(drifts.items()):
        name, there = name_of(wallet), account.totals.get(wallet, ZERO)
        is_off = abs(value) > tolerance(wallet, desk.instruments)
        if is_off and not _has_lasted(desk, wallet, value):
            unsettled[name] = f"{name} holds {value.normalize():f} beyond what is booked so far"
            continue
        if not is_off:
            desk.reconciliation.drifting.pop(wallet, None)
        items.append(_item(name, there - value, there, is_off=is_off))
    return items, unsettled, await _ledger(desk, account, flows, drifts)


def name_of(wallet: Wallet) -> str:
    """Return how a wallet is called."""
    return f"{wallet[0]} {wallet[1]}"


def read_baseline(transaction: Transaction) -> dict[Wallet, Decimal]:
    """Read what each wallet held beside our trading."""
    fact = transaction.facts.get(BASELINE)
    pairs = ((name.split(" ", 1), value) for name, value in fact.items())
    return {(MarketType(kind), currency): Decimal(value) for (kind, currency), value in pairs}


def write_baseline(
    desk: Desk, transaction: Transaction, baseline: Mapping[Wallet, Decimal]
) -> None:
    """Keep what each wallet held beside our trading."""
    fact = {name_of(wallet): str(value) for wallet, value in baseline.items()}
    transaction.facts.put(BASELINE, fact, desk.wall_clock.now())


async def _read_at_rest(
    desk: Desk,
) -> tuple[Mapping[str, Flow], Mapping[Wallet, Decimal], Account]:
    def read(transaction: Transaction) -> tuple[Mapping[str, Flow], Mapping[Wallet, Decimal]]:
        return read_flows(transaction), read_coin_fees(transaction)

    before, paid = await desk.store.read(read)
    account = await desk.exchange.account()
    if await desk.store.read(read) != (before, paid):
        raise Transient("something was booked meanwhile")
    missing = {symbol: Flow() for symbol in desk.rules.symbols if symbol not in before}
    return {**before, **missing}, paid, account


async def _baseline(
    desk: Desk, account: Account, sums: Mapping[Wallet, Decimal]
) -> Mapping[Wallet, Decimal]:
    """Return the baseline; a wallet that is looked at for the first time holds what it holds."""
    known = await desk.store.read(read_baseline)
    new = {
        wallet: account.totals.get(wallet, ZERO) - value
        for wallet, value in sums.items()
        if wallet not in known
    }
    if new:
        await desk.write(lambda tx: write_baseline(desk, tx, {**new, **read_baseline(tx)}))
    return {**known, **new}


def _has_lasted(desk: Desk, wallet: Wallet, value: Decimal) -> bool:
    now, drifting = desk.wall_clock.now(), desk.reconciliation.drifting
    since, before = drifting.get(wallet, (now, value))
    if abs(value - before) > tolerance(wallet, desk.instruments):
        since = now
    drifting[wallet] = (since, value)
    return now - since >= LASTING


def _item(name: str, ours: Decimal, there: Decimal, *, is_off: bool) -> Item:
    problem = Problem.UNKNOWN if is_off else Problem.NONE
    finding = Finding(Kind.BALANCE, name, BALANCE_ID, problem, ours, there)
    if not is_off:
        return Item(finding, Outcome.AGREE)
    beyond = (there - ours).normalize()
    return Item(finding, Outcome.FOREIGN, f"{name} holds {beyond:f} beyond what trading explains")


async def _ledger(
    desk: Desk, account: Account, flows: Mapping[str, Flow], drifts: Mapping[Wallet, Decimal]
) -> Ledger:
    """Sum the results of the perpetuals up: realised by the wallet, open by the position."""
    swaps = [one for symbol, one in flows.items() if ":" in symbol]
    computed = sum((flow.result for flow in swaps), ZERO)
    off = sum((value for (kind, _), value in drifts.items() if kind is MarketType.SWAP), ZERO)
    venue = computed + off
    for held in await desk.store.read(lambda transaction: transaction.positions.open()):
        there = account.position(held.symbol)
        if there is not None:
            mine, theirs = open_results(held, there)
            computed, venue = computed + mine, venue + theirs
    return Ledger(drifts, computed, venue)
