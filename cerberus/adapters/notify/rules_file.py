"""Read and check `config/alerts.yaml`; every error names file, line, field, value and limit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cerberus.adapters.notify.schema import (
    AlertsFile,
    AnomalyPart,
    AnyChannel,
    LevelPart,
    RulePart,
    Step,
)
from cerberus.adapters.notify.yaml_places import line_of, parse
from cerberus.domain.alerts.alert import Level
from cerberus.domain.alerts.rules import (
    LOG,
    AlertRule,
    AlertRules,
    EscalationStep,
    Heartbeat,
    MetricRule,
    Policy,
    QuietHours,
    RateLimit,
)
from cerberus.domain.anomalies.rules import AnomalyRule
from cerberus.errors import Misconfigured

_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class RulesFile:
    """What a file says: rules, and how each channel is reached."""

    content: AlertsFile
    channels: Mapping[str, AnyChannel]

    def rules(self, set_up: tuple[str, ...]) -> AlertRules:
        """Return the rules for the channels that are set up."""
        told = self.content
        return AlertRules(
            levels={level: _policy(part) for level, part in told.levels.items()},
            rules={part.alert: _rule(part) for part in told.rules},
            metrics=tuple(
                MetricRule(
                    one.alert, one.metric, one.title, one.above, one.below, one.lasting, one.level
                )
                for one in told.metrics
            ),
            anomalies=tuple(_anomaly_rule(one) for one in told.anomalies),
            heartbeats=tuple(
                Heartbeat(one.name, one.silent_for, one.level, one.expected == "from_start")
                for one in told.heartbeats
            ),
            quiet_hours=_quiet_hours(told),
            limits=dict(_limits(told)),
            channels=tuple(dict.fromkeys((LOG, *set_up))),
        )


def read_rules(path: Path) -> RulesFile:
    """Read and check a file.

    Raises
    ------
    Misconfigured
        It cannot be read, or something in it is wrong; everything that is wrong is told.
    """
    try:
        text = path.read_text()[:_BYTES]
        content = AlertsFile.model_validate(parse(text))
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path.name} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise Misconfigured(f"{path.name} is not YAML: {_yaml_problem(error)}") from error
    except ValidationError as error:
        told = [_problem(path.name, text, item) for item in error.errors(include_url=False)]
        raise Misconfigured("; ".join(dict.fromkeys(told))) from error
    problems = [
        f"{path.name}:{line_of(text, place)}: {_field(place)}: {reason}"
        for place, reason in _cross_check(content)
    ]
    if problems:
        raise Misconfigured("; ".join(problems))
    return RulesFile(content, content.channels)


def _cross_check(content: AlertsFile) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Find what is right by itself and wrong beside the rest."""
    known = {LOG, *content.channels}
    for level in Level:
        if level not in content.levels:
            yield ("levels",), f"has nothing for {level}"
    for place, channels in _channel_lists(content):
        for channel in sorted(set(channels) - known):
            yield place, f"names the channel {channel}, there are {', '.join(sorted(known))}"
    yield from _twice("rules", [one.alert for one in content.rules])
    yield from _twice("metrics", [one.alert for one in content.metrics])
    yield from _twice("anomalies", [one.metric for one in content.anomalies])
    yield from _twice("heartbeats", [one.name for one in content.heartbeats])
    for place, steps in _escalations(content):
        times = [step.after for step in steps]
        if times != sorted(times):
            yield (*place, "escalation"), "its steps are not in the order of time"


def _twice(kind: str, names: list[str]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for number, name in enumerate(names):
        if name in names[:number]:
            yield (kind, number), f"{name} stands twice"


def _escalations(content: AlertsFile) -> Iterator[tuple[tuple[str | int, ...], tuple[Step, ...]]]:
    for level, part in content.levels.items():
        yield ("levels", level), part.escalation
    for number, rule in enumerate(content.rules):
        yield ("rules", number), rule.escalation or ()


def _channel_lists(content: AlertsFile) -> Iterator[tuple[tuple[str | int, ...], tuple[str, ...]]]:
    for level, part in content.levels.items():
        yield ("levels", level, "channels"), part.channels
    for number, rule in enumerate(content.rules):
        yield ("rules", number, "channels"), rule.channels or ()
    for place, steps in _escalations(content):
        for number, step in enumerate(steps):
            yield (*place, "escalation", number, "channels"), step.channels
    if content.quiet_hours is not None:
        yield ("quiet_hours", "except_channels"), content.quiet_hours.except_channels


def _problem(file: str, text: str, item: ErrorDetails) -> str:
    place = item["loc"]
    if place[:1] == ("channels",) and len(place) > 3:
        place = (*place[:2], *place[3:])  # pydantic adds the channel's type
    reason = item["msg"].removeprefix("Value error, ")
    value = item["input"]
    # a value that may be a secret is never told
    is_told = isinstance(value, str | int | float) and "secret" not in str(place[-1:])
    was = f", was {str(value)[:80]!r}" if is_told and ", was" not in reason else ""
    return f"{file}:{line_of(text, place)}: {_field(place)}: {reason}{was}"


def _field(place: tuple[str | int, ...]) -> str:
    return (
        "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")
        or "the file"
    )


def _yaml_problem(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return str(error)


def _steps(steps: tuple[Step, ...]) -> tuple[EscalationStep, ...]:
    return tuple(EscalationStep(step.after, step.channels) for step in steps)


def _policy(part: LevelPart) -> Policy:
    return Policy(part.channels, _steps(part.escalation), part.repeat_after, part.group_for)


def _rule(part: RulePart) -> AlertRule:
    return AlertRule(
        name=part.alert,
        is_enabled=part.enabled,
        level=part.level,
        threshold=part.threshold,
        channels=part.channels,
        escalation=None if part.escalation is None else _steps(part.escalation),
        repeat_after=part.repeat_after,
    )


def _anomaly_rule(part: AnomalyPart) -> AnomalyRule:
    return AnomalyRule(
        metric=part.metric,
        title=part.title,
        thresholds=part.thresholds(),
        least_spread=part.least_spread,
        of=part.of,
        direction=part.direction,
        level=part.level,
    )


def _quiet_hours(content: AlertsFile) -> QuietHours | None:
    part = content.quiet_hours
    if part is None:
        return None
    return QuietHours(
        start=part.start,
        end=part.end,
        zone=part.timezone,
        weekdays=part.days(),
        levels=frozenset(part.levels),
        except_channels=frozenset(part.except_channels),
    )


def _limits(content: AlertsFile) -> Iterator[tuple[tuple[str, Level], RateLimit]]:
    for name, channel in content.channels.items():
        # the log is no person: what it may write is said beside it only
        base = {} if name == LOG else content.limits
        for level, limit in {**base, **channel.limits}.items():
            yield (name, level), limit
