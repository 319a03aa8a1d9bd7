"""The history of metrics, and what is unusual in it now."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite

from cerberus.domain.alerts.alert import TITLE_LENGTH, Level, fingerprint
from cerberus.domain.alerts.rules import AlertRules
from cerberus.domain.anomalies.judging import KEPT, Judgement, judge
from cerberus.domain.anomalies.rules import AnomalyRule
from cerberus.domain.anomalies.samples import Sample, minute_of
from cerberus.ports import Clock, Store, Transaction
from cerberus.services.figures import Figure

#: the alert's name, and who raises it
ANOMALY, SOURCE = "anomaly", "cerberus.anomalies"
#: rows are removed in one go, once an hour of samples
_FORGET_EVERY = 60


@dataclass(slots=True)
class MetricHistory:
    """Keeps one sample a minute of the metrics that the rules judge by their history."""

    store: Store
    clock: Clock
    rules: Callable[[], AlertRules]
    figures: Callable[[], Awaitable[Sequence[Figure]]]
    _newest: datetime | None = None
    _kept: int = 0

    async def step(self) -> None:
        """Take the sample of this minute, unless it is there."""
        at = minute_of(self.clock.now())
        wanted = {rule.metric for rule in self.rules().anomalies}
        if not wanted or at == self._newest:
            return
        found = await self.figures()
        values = {one.name: one.value for one in found if not one.labels and one.name in wanted}
        finite = {name: value for name, value in values.items() if isfinite(value)}
        is_time_to_forget = self._kept % _FORGET_EVERY == 0

        def keep(transaction: Transaction) -> None:
            transaction.samples.put(Sample(at, finite))
            if is_time_to_forget:
                transaction.samples.forget(at - KEPT)

        await self.store.write(keep)
        self._newest, self._kept = at, self._kept + 1


@dataclass(frozen=True, slots=True)
class ToTell:
    """What has become of one metric: it is unusual, or it was and is no more."""

    name: str
    resolved: bool
    level: Level
    title: str
    message: str
    source: str
    fingerprint: str


def find_anomalies(
    transaction: Transaction, rules: AlertRules, now: datetime
) -> tuple[list[Judgement], list[ToTell]]:
    """Return what every method says of every metric, and what people are to be told."""
    found = judge(rules.anomalies, transaction.samples.between, now)
    told = []
    for rule in rules.anomalies:
        of_rule = [one for one in found if one.rule is rule]
        if any(one.is_unusual for one in of_rule):
            told.append(_to_tell(rule, of_rule, resolved=False))
        elif _is_over(transaction, rule, of_rule):
            told.append(_to_tell(rule, of_rule, resolved=True))
    return found, told


def _is_over(transaction: Transaction, rule: AnomalyRule, found: Sequence[Judgement]) -> bool:
    """Whether an alert is live whose metric is usual again; a history with a gap ends nothing."""
    known = [one for one in found if one.score is not None]
    if not known or not all(one.is_calm for one in known):
        return False
    # as the API names what is raised under a given fingerprint
    return transaction.alerts.live(fingerprint(ANOMALY, "given", rule.metric)) is not None


def _to_tell(rule: AnomalyRule, found: Sequence[Judgement], *, resolved: bool) -> ToTell:
    return ToTell(
        name=ANOMALY,
        resolved=resolved,
        level=rule.level,
        title=rule.title[:TITLE_LENGTH],
        message="\n".join(_lines(rule, found)),
        source=SOURCE,
        fingerprint=rule.metric,
    )


def _lines(rule: AnomalyRule, found: Sequence[Judgement]) -> Iterator[str]:
    what = rule.metric if rule.of == "value" else f"the change a minute of {rule.metric}"
    for one in found:
        if one.value is None or one.usual is None or one.score is None:
            yield f"{one.method}: {one.count} of {one.needed} that it needs"
            continue
        yield (
            f"{one.method}: {what} is {one.value:g}, usually {one.usual.middle:g} with a spread of "
            f"{one.usual.spread:g}: score {one.score:.1f}, limit {one.threshold:g}"
        )
