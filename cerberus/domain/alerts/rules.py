"""The rules: which alert goes where, how often at most, when not, and to whom next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from decimal import Decimal

from cerberus.domain.alerts.alert import Alert, Level
from cerberus.domain.anomalies.rules import AnomalyRule

#: the channel that is always there
LOG = "log"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most so many messages within any period of this length."""

    messages: int
    per: timedelta


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """Whom to tell next when nobody has acknowledged for so long."""

    after: timedelta
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """How the alerts of a level, or of one rule, are told."""

    channels: tuple[str, ...] = (LOG,)
    escalation: tuple[EscalationStep, ...] = ()
    #: repetitions are only counted for so long, then they are told again
    repeat_after: timedelta = timedelta(minutes=10)
    #: how long to wait for others that fit into the same message
    group_for: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class AlertRule:
    """What differs for one alert from its level's policy; None leaves it as it is."""

    name: str
    is_enabled: bool = True
    level: Level | None = None
    threshold: Decimal | None = None
    channels: tuple[str, ...] | None = None
    escalation: tuple[EscalationStep, ...] | None = None
    repeat_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class MetricRule:
    """An alert while a metric is beyond its threshold for a time."""

    name: str
    metric: str
    title: str
    above: Decimal | None = None
    below: Decimal | None = None
    lasting: timedelta = timedelta(0)
    level: Level = Level.WARNING

    def is_hit_by(self, value: Decimal) -> bool:
        """Return whether a value is beyond the threshold."""
        if self.above is not None and value > self.above:
            return True
        return self.below is not None and value < self.below

    @property
    def limit(self) -> str:
        """The threshold in words."""
        return f"above {self.above}" if self.above is not None else f"below {self.below}"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Somebody who is expected to give a sign of life, and how long he may be silent."""

    name: str
    silent_for: timedelta
    level: Level = Level.CRITICAL
    #: expected from the API's start on, not only once a first sign has come
    is_from_start: bool = False


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When which levels wait; never EMERGENCY."""

    start: time
    end: time
    zone: tzinfo
    weekdays: frozenset[int] = frozenset(range(7))
    levels: frozenset[Level] = frozenset({Level.INFO, Level.WARNING})
    except_channels: frozenset[str] = frozenset({LOG})

    def __post_init__(self) -> None:
        if Level.EMERGENCY in self.levels:
            raise ValueError("quiet hours never silence EMERGENCY")

    def hold(self, level: Level, channel: str, now: datetime) -> bool:
        """Return whether a message has to wait; a night belongs to the day on which it began."""
        if level not in self.levels or channel in self.except_channels:
            return False
        local = now.astimezone(self.zone)
        at, day = local.time(), local.weekday()
        if self.start <= self.end:
            return self.start <= at < self.end and day in self.weekdays
        if at >= self.start:
            return day in self.weekdays
        return at < self.end and (day - 1) % 7 in self.weekdays


@dataclass(frozen=True, slots=True)
class AlertRules:
    """Everything that the rules file says, but for how channels are reached."""

    levels: Mapping[Level, Policy] = field(default_factory=dict)
    rules: Mapping[str, AlertRule] = field(default_factory=dict)
    metrics: tuple[MetricRule, ...] = ()
    anomalies: tuple[AnomalyRule, ...] = ()
    heartbeats: tuple[Heartbeat, ...] = ()
    quiet_hours: QuietHours | None = None
    limits: Mapping[tuple[str, Level], RateLimit] = field(default_factory=dict)
    #: the channels that are set up
    channels: tuple[str, ...] = (LOG,)

    def is_enabled(self, name: str) -> bool:
        """Return whether an alert of this name is told at all."""
        rule = self.rules.get(name)
        return rule is None or rule.is_enabled

    def level(self, name: str, otherwise: Level) -> Level:
        """Return the level that a rule gives its alert."""
        rule = self.rules.get(name)
        return otherwise if rule is None or rule.level is None else rule.level

    def threshold(self, name: str, otherwise: Decimal) -> Decimal:
        """Return the threshold that a rule gives its alert."""
        rule = self.rules.get(name)
        return otherwise if rule is None or rule.threshold is None else rule.threshold

    def policy(self, alert: Alert) -> Policy:
        """Return how an alert is told; a channel that is not set up is left out."""
        base = self.levels.get(alert.level, Policy())
        rule = self.rules.get(alert.name, AlertRule(alert.name))
        channels = base.channels if rule.channels is None else rule.channels
        steps = base.escalation if rule.escalation is None else rule.escalation
        known = tuple(EscalationStep(one.after, self._known(one.channels)) for one in steps)
        return Policy(
            channels=self._known(channels) or (LOG,),
            escalation=tuple(one for one in known if one.channels),
            repeat_after=base.repeat_after if rule.repeat_after is None else rule.repeat_after,
            group_for=base.group_for,
        )

    def group_for(self, level: Level) -> timedelta:
        """Return how long messages of a level wait for others."""
        return self.levels.get(level, Policy()).group_for

    def is_held(self, level: Level, channel: str, now: datetime) -> bool:
        """Return whether quiet hours hold a message back."""
        return self.quiet_hours is not None and self.quiet_hours.hold(level, channel, now)

    def limit(self, channel: str, level: Level) -> RateLimit | None:
        """Return how many messages a channel may get."""
        return self.limits.get((channel, level))

    def _known(self, channels: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(one for one in channels if one in self.channels)
