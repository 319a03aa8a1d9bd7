"""Alerts from outside: Alertmanager's and Grafana's webhooks, and one plain alert."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cerberus.domain.alerts.alert import MESSAGE_LENGTH, TITLE_LENGTH, Level
from cerberus.domain.webhooks.bodies import Told, is_object, read_object, text_of
from cerberus.errors import Invalid

#: of one call; a sender's group can be told to be smaller
MOST_ALERTS = 100
SOURCE_LENGTH = 200
#: what the rules in config/alerts.yaml name them by
NAME = "external"

_LEVELS = {
    Level.EMERGENCY: ("emergency", "disaster", "fatal", "panic"),
    Level.CRITICAL: ("critical", "crit", "error", "high", "page", "alert", "p1"),
    Level.WARNING: ("warning", "warn", "medium", "average", "minor", "p2", "p3"),
    Level.INFO: ("info", "information", "informational", "low", "none", "notice", "p4", "p5"),
}
_BY_WORD = {word: level for level, words in _LEVELS.items() for word in words}
_SEVERITIES = ("severity", "level", "priority")
_PLAIN = {"id", "title", "message", "level", "source", "about", "resolved"}


@dataclass(frozen=True, slots=True)
class ExternalAlert:
    """One alert as somebody else's watch tells it, or that it is over."""

    title: str
    message: str
    level: Level
    source: str
    #: what its repetitions, and its end, have in common with it
    fingerprint: str
    is_over: bool = False
    #: by which its sender knows it
    sender_id: str | None = None

    def to_body(self) -> dict[str, object]:
        """Return it as the flow takes it."""
        return {
            "resolved": self.is_over,
            "name": NAME,
            "level": str(self.level),
            "title": self.title,
            "message": self.message,
            "source": self.source,
            "fingerprint": self.fingerprint,
        }


def read_alerts(text: str) -> list[ExternalAlert]:
    """Return the alerts that a text tells, the most urgent first.

    Raises
    ------
    Invalid
        It cannot be understood.
    """
    if not is_object(text):
        title, _, rest = text.partition("\n")
        return [_alert("text", title, rest, Level.WARNING, (title,))]
    told = read_object(text)
    if "alerts" not in told:
        return [_plain(told)]
    alerts = told["alerts"]
    if not isinstance(alerts, list) or not alerts:
        raise Invalid("alerts", "a list of at least one alert is expected")
    if len(alerts) > MOST_ALERTS:
        raise Invalid("alerts", f"at most {MOST_ALERTS} are taken in one call, was {len(alerts)}")
    sender = "grafana" if "orgId" in told else "alertmanager"
    found = [_of_group(sender, told, one, at) for at, one in enumerate(alerts)]
    return sorted(found, key=lambda one: (one.is_over, -one.level.rank))


def level_of(word: object, otherwise: Level = Level.WARNING) -> Level:
    """Return our level for a sender's severity; an unknown word is a warning."""
    return _BY_WORD.get(str(word).strip().lower(), otherwise)


def _of_group(sender: str, group: Told, told: object, at: int) -> ExternalAlert:
    """Return one alert of a group; Grafana's are Alertmanager's with a few fields more."""
    if not isinstance(told, dict):
        raise Invalid(f"alerts.{at}", f"an object is expected, was {type(told).__name__}")
    labels = _texts(told, "labels", f"alerts.{at}")
    notes = _texts(told, "annotations", f"alerts.{at}")
    status = told.get("status", group.get("status"))
    if status not in ("firing", "resolved"):
        raise Invalid(f"alerts.{at}.status", f"firing or resolved is expected, was {status!r:.40}")
    name = labels.get("alertname", "")
    title = notes.get("summary") or name
    if not title:
        raise Invalid(f"alerts.{at}.labels.alertname", "it is missing")
    severity = next((labels[one] for one in _SEVERITIES if one in labels), "")
    own = text_of(told.get("fingerprint"), 64)
    same = (own,) if own else tuple(f"{key}={labels[key]}" for key in sorted(labels))
    message = "\n".join(_lines(labels, notes, told))
    alert = _alert(sender, title, message, level_of(severity), same)
    where = text_of(f"{sender} {labels.get('instance', '')}", SOURCE_LENGTH)
    return replace(alert, source=where, is_over=status == "resolved")


def _lines(
    labels: Mapping[str, str], notes: Mapping[str, str], told: Mapping[str, object]
) -> Iterator[str]:
    for note in ("description", "message"):
        if notes.get(note):
            yield notes[note]
    shown = (f"{name}={labels[name]}" for name in sorted(labels) if name != "alertname")
    if labels:
        yield " ".join(shown)
    if told.get("valueString"):
        yield text_of(told["valueString"], 500)
    for note in ("runbook_url", "runbook"):
        if notes.get(note):
            yield notes[note]


def _plain(told: Told) -> ExternalAlert:
    for word in told:
        if word not in _PLAIN:
            raise Invalid(text_of(word, 60) or "body", "the field is not known")
    title = text_of(told.get("title"), TITLE_LENGTH)
    if not title:
        raise Invalid("title", "it is missing")
    level = str(told.get("level", Level.WARNING)).lower()
    if level not in _BY_WORD:
        words = ", ".join(Level)
        raise Invalid("level", f"one of {words} is expected, was {text_of(level, 40)!r}")
    is_over = told.get("resolved", False)
    if not isinstance(is_over, bool):
        raise Invalid("resolved", f"true or false is expected, was {text_of(is_over, 40)!r}")
    source = text_of(told.get("source"), SOURCE_LENGTH) or NAME
    about = text_of(told.get("about"), 200)
    message = text_of(told.get("message"), MESSAGE_LENGTH)
    alert = _alert(source, title, message, _BY_WORD[level], (about or title,))
    return replace(alert, is_over=is_over, sender_id=text_of(told.get("id"), 200) or None)


def _alert(
    sender: str, title: str, message: str, level: Level, same: Sequence[str]
) -> ExternalAlert:
    told = "\0".join((sender, *same))
    return ExternalAlert(
        title=text_of(title, TITLE_LENGTH).replace("\n", " ") or sender,
        message=text_of(message, MESSAGE_LENGTH),
        level=level,
        source=sender,
        fingerprint=hashlib.sha256(told.encode()).hexdigest(),
    )


def _texts(told: Mapping[str, object], name: str, place: str) -> dict[str, str]:
    found = told.get(name) or {}
    if not isinstance(found, dict):
        raise Invalid(f"{place}.{name}", f"an object is expected, was {type(found).__name__}")
    return {text_of(key, 100): text_of(value, 2000) for key, value in found.items()}
