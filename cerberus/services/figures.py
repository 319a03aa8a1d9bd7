"""Figures of the desk for metrics and status, read from the state at the moment of asking."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from cerberus.domain.balances import Wallet, balance
from cerberus.domain.exits import is_protected
from cerberus.domain.market import ZERO
from cerberus.domain.readings import Reading
from cerberus.ports import Transaction
from cerberus.services.alerts.readings import alert_readings
from cerberus.services.desk import Desk
from cerberus.services.duplicates import duplicate_readings
from cerberus.services.process_readings import process_readings
from cerberus.services.sides_readings import sides_readings
from cerberus.services.snapshot import Snapshot, take

#: name, help and value
_Number: TypeAlias = tuple[str, str, Decimal | int | float]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number; its name ends in a unit or `_total`."""

    name: str
    help: str
    value: float
    labels: Mapping[str, str]


async def figures(desk: Desk) -> list[Figure]:
    """Return the present figures."""
    now = desk.wall_clock.now()
    found = await desk.store.read(
        lambda transaction: [
            *_figures(desk, transaction),
            *_told(alert_readings(transaction, now)),
            *_told(process_readings(desk, transaction)),
        ]
    )
    if desk.guard is not None:
        found += _told(await desk.guard.readings())
    return [*found, *_told(sides_readings(desk)), *_told(duplicate_readings(desk))]


def _told(readings: Iterable[Reading]) -> list[Figure]:
    return [Figure(f"cerberus_{n}", h, float(v), labels) for n, h, v, labels in readings]


def _figures(desk: Desk, transaction: Transaction) -> list[Figure]:
    snapshot = take(transaction)
    found = [
        Figure(f"cerberus_{kind}_total", f"{kind} by status", count, {"status": status})
        for (kind, status), count in sorted(transaction.facts.tally().items())
    ]
    numbers = [
        *_counts(desk, transaction, snapshot),
        *_money(desk, transaction, snapshot),
        *_available(desk, snapshot),
    ]
    return found + [Figure(f"cerberus_{n}", h, float(v), {}) for n, h, v in numbers]


def _counts(desk: Desk, transaction: Transaction, snapshot: Snapshot) -> list[_Number]:
    unprotected = sum(
        not is_protected(held, transaction.exits.of_trade(held.trade_id), instrument)
        for held in snapshot.positions.values()
        if (instrument := desk.instruments.get(held.symbol)) is not None
    )
    armed = sum(order.is_armed for order in snapshot.orders)
    is_blocked, loose = bool(_block(desk, snapshot)), transaction.funding.unassigned_count()
    losses = snapshot.performance.losses_in_a_row
    return [
        ("positions_open_count", "open positions", len(snapshot.positions)),
        ("positions_unprotected_count", "open positions without their exits", unprotected),
        ("orders_in_doubt_count", "orders of unknown outcome", len(snapshot.doubtful_symbols)),
        ("orders_armed_count", "entries that wait for their trigger price", armed),
        ("funding_unassigned_count", "funding payments that belong to no position of ours", loose),
        ("losses_in_a_row_count", "losing trades since the last winner", losses),
        ("entry_blocks_count", "1 while no entry is let through", int(is_blocked)),
    ]


def _money(desk: Desk, transaction: Transaction, snapshot: Snapshot) -> list[_Number]:
    sums, record = snapshot.performance, snapshot.record(desk.today())
    return [
        ("equity_usd", "starting equity with all that trading made", sums.equity),
        ("equity_peak_usd", "highest equity", sums.peak_equity),
        ("drawdown_ratio", "fall from the peak as a share", record.drawdown_rate),
        ("net_pnl_usd", "realised result after fees, with funding", sums.net_pnl),
        ("funding_usd", "funding of our positions, negative was paid", sums.funding),
        ("unrealised_pnl_usd", "open result", sums.unrealised_pnl),
        ("daily_pnl_usd", "result of the UTC day", record.daily_pnl),
        ("reserved_usdt", "tied up by live orders", _reserved(snapshot.reserved)),
        ("deficit_usdt", "what is missing of what is reserved", _deficit(desk, snapshot)),
        ("unprotected_seconds", "of the newest trade, from fill to exits", _newest(transaction)),
    ]


def _available(desk: Desk, snapshot: Snapshot) -> list[_Number]:
    """Return what is free in the wallet that is traded from, once the venue has told it."""
    account, wallet = desk.last_account, (desk.rules.market_type, "USDT")
    if account is None:
        return []
    free = balance(account, wallet, snapshot.reserved.get(wallet, ZERO)).available
    return [("available_usdt", "what a new entry may use", free)]


def _reserved(reserved: Mapping[Wallet, Decimal]) -> Decimal:
    return sum((value for (_, name), value in reserved.items() if name == "USDT"), ZERO)


def _deficit(desk: Desk, snapshot: Snapshot) -> Decimal:
    account = desk.last_account
    if account is None:
        return ZERO
    wallets = [wallet for wallet in account.totals if wallet[1] == "USDT"]
    missing = [balance(account, one, snapshot.reserved.get(one, ZERO)).deficit for one in wallets]
    return sum(missing, ZERO)


def _block(desk: Desk, snapshot: Snapshot) -> str:
    maintenance = snapshot.maintenance.reason_at(desk.wall_clock.now())
    held_back = snapshot.emergency_stop or snapshot.holds.entry_block
    return desk.blocked_by() or held_back or maintenance


def _newest(transaction: Transaction) -> float:
    trades, _ = transaction.trades.find(None, None, 1, 0)
    seconds = trades[0].seconds_unprotected if trades else None
    return 0.0 if seconds is None else seconds
