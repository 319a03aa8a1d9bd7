"""What is watched on the desk: unprotected positions, orders in doubt, halts, failing steps."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from cerberus.domain.alerts.alert import Level
from cerberus.domain.alerts.rules import AlertRules
from cerberus.domain.exits import is_protected
from cerberus.ports import Transaction
from cerberus.services.alerts.halts import halts, stop_texts
from cerberus.services.alerts.watching import Condition, silent_heartbeats
from cerberus.services.desk import Desk
from cerberus.services.figures import Figure
from cerberus.services.snapshot import EMERGENCY_STOP, Snapshot, take

#: the names of what `desk_conditions` may find
DESK_NAMES = frozenset(
    {
        "position_unprotected",
        "order_unknown",
        "emergency_stop",
        "daily_loss",
        "drawdown",
        "losses_in_a_row",
        "given_up",
        "step_failing",
        "flow_file_broken",
        "schedule_stuck",
        "alert_rules_broken",
        "heartbeat",
        "component_silent",
        "component_errors",
        "memory_high",
    }
)

#: the problem of each step that fails now, by its name
Problems = Callable[[], Mapping[str, str]]


def desk_conditions(
    desk: Desk,
    transaction: Transaction,
    rules: AlertRules,
    problems: Mapping[str, str],
    started_at: datetime,
    now: datetime,
) -> Iterable[Condition]:
    """Return what calls for a person at this moment."""
    snapshot = take(transaction)
    yield from _unprotected(desk, transaction, snapshot)
    yield from _in_doubt(snapshot)
    yield from _stopped(transaction)
    for name, title, message in halts(
        snapshot.performance, desk.limits, desk.market_clock.now().date()
    ):
        yield Condition(name, Level.CRITICAL, title, message)
    yield from _failing(desk, problems)
    yield from silent_heartbeats(transaction, rules, started_at, now)


def _unprotected(desk: Desk, tx: Transaction, snapshot: Snapshot) -> Iterator[Condition]:
    for held in snapshot.positions.values():
        instrument = desk.instruments.get(held.symbol)
        if instrument is None or is_protected(held, tx.exits.of_trade(held.trade_id), instrument):
            continue
        yield Condition(
            "position_unprotected",
            Level.EMERGENCY,
            f"{held.symbol} is not protected",
            f"{held.side} {held.quantity} from {held.entry_price} has not both of its exits; "
            "they are being placed again",
            subject=held.position_id,
            lasting=timedelta(seconds=5),
        )


def _in_doubt(snapshot: Snapshot) -> Iterator[Condition]:
    for order in snapshot.orders:
        if order.is_in_doubt:
            yield Condition(
                "order_unknown",
                Level.CRITICAL,
                f"the outcome of an order on {order.symbol} is not known",
                f"{order.purpose} {order.side} {order.quantity}, client id {order.client_id}: "
                f"{order.reason or order.status}; entries on this symbol are held back",
                subject=order.order_id,
                lasting=timedelta(seconds=60),
            )


def _stopped(transaction: Transaction) -> Iterator[Condition]:
    fact = transaction.facts.get(EMERGENCY_STOP)
    if fact:
        title, message = stop_texts(fact["reason"], fact.get("actor", ""))
        yield Condition("emergency_stop", Level.EMERGENCY, title, message)


def _failing(desk: Desk, problems: Mapping[str, str]) -> Iterator[Condition]:
    blocked = desk.entry_block()
    if blocked:
        yield Condition("given_up", Level.CRITICAL, "a process stays down", blocked)
    broken = problems.get("alert_rules", "")
    if broken:
        title = "the rules of alerts have an error, the last good ones stay in force"
        yield Condition("alert_rules_broken", Level.WARNING, title, broken)
    for name, problem in problems.items():
        if name != "alert_rules" and problem:
            yield Condition(
                "step_failing",
                Level.WARNING,
                f"the step {name} fails again and again",
                problem,
                subject=name,
                lasting=timedelta(seconds=30),
            )


def engine_conditions(name: str, found: Mapping[str, str]) -> Iterator[Condition]:
    """Return what is wrong with the engine's flows by the alert's name, each for itself."""
    for subject, reason in found.items():
        title = _OF_ENGINE[name].format(subject)
        yield Condition(name, Level.WARNING, title, reason, subject=subject)


_OF_ENGINE = {
    "flow_file_broken": "the flow file {} is broken, its last good version stays",
    "schedule_stuck": "the schedule {} was stuck and had to be unlocked",
}


def component_conditions(found: Mapping[tuple[str, str], str]) -> Iterator[Condition]:
    """Return what is wrong with parts of the process, by the alert's name and the part."""
    for (name, part), message in found.items():
        level, title = _PARTS[name]
        yield Condition(name, level, title.format(part), message, subject=part)


_PARTS = {
    "component_silent": (Level.CRITICAL, "the part {} was silent and was begun anew"),
    "component_errors": (Level.WARNING, "the part {} fails many times a minute"),
    "memory_high": (Level.WARNING, "the {} is almost used up"),
}


def metric_conditions(rules: AlertRules, figures: Sequence[Figure]) -> Iterator[Condition]:
    """Return the metrics that are beyond their thresholds."""
    values = {one.name: one.value for one in figures if not one.labels}
    for rule in rules.metrics:
        value = values.get(rule.metric)
        if value is not None and rule.is_hit_by(Decimal(str(value))):
            message = f"{rule.metric} is {value:g}, limit {rule.limit}"
            yield Condition(
                rule.name,
                rule.level,
                rule.title,
                message,
                subject=rule.metric,
                lasting=rule.lasting,
            )
