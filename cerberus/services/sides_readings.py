"""The figures of the last reconciliation."""

from collections.abc import Iterator

from cerberus.domain.readings import Reading
from cerberus.services.check_money import name_of
from cerberus.services.desk import Desk


def sides_readings(desk: Desk) -> Iterator[Reading]:
    """Yield what the last reconciliation has found, nothing before the first one."""
    report = desk.reconciliation.report
    if report is None:
        return
    for outcome, count in report.counts().items():
        told = "items of the last reconciliation by outcome"
        yield "reconciliation_items_count", told, count, {"outcome": str(outcome)}
    told = "symbols and wallets on which something moved at the last reconciliation"
    yield "reconciliation_unsettled_count", told, len(report.unsettled), {}
    for symbol, value in report.drift_by_symbol().items():
        told = "base quantity that the venue holds beyond ours"
        yield "reconciliation_position_drift_quantity", told, value, {"symbol": symbol}
    for wallet, value in report.ledger.drifts.items():
        told = "what a wallet holds beyond what trading explains, in its currency"
        yield "reconciliation_balance_drift_amount", told, value, {"wallet": name_of(wallet)}
    told = "result of the perpetuals, what the venue has beyond what is computed"
    yield "reconciliation_pnl_difference_usd", told, report.ledger.pnl_difference, {}
    yield "reconciliation_seconds", "time that the last reconciliation took", report.seconds, {}
