"""The form of `config/alerts.yaml`; every field that it does not name is refused."""

import re
from datetime import time, timedelta
from decimal import Decimal
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from cerberus.domain.alerts.alert import Level
from cerberus.domain.alerts.rules import RateLimit
from cerberus.domain.anomalies.rules import Direction, Method, Of

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"(\d{1,6})([smhd])")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _duration(value: object) -> object:
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"must be a number with s, m, h or d, for example 5m, was {value!r}")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def _limit(value: object) -> object:
    number, _, per = str(value).partition("/")
    if not number.isdigit() or int(number) < 1:
        raise ValueError(f"must be messages/time of at least 1, for example 20/1h, was {value!r}")
    return RateLimit(int(number), _period(per, value))


def _period(per: str, value: object) -> timedelta:
    period = _duration(per if per[:1].isdigit() else f"1{per}")
    if not isinstance(period, timedelta) or period <= timedelta(0):
        raise ValueError(f"must be messages/time, for example 20/1h, was {value!r}")
    return period


def _clock_time(value: object) -> object:
    # YAML 1.1 reads 22:00 without quotes as a number in base 60
    if not isinstance(value, str) or not re.fullmatch(r"\d\d:\d\d", value):
        raise ValueError(f'must be a time in quotes, for example "22:00", was {value!r}')
    return time.fromisoformat(value)


def _zone(value: object) -> object:
    try:
        return ZoneInfo(str(value))
    except (LookupError, ValueError, OSError) as error:
        raise ValueError(
            f"must be a time zone, for example Europe/Warsaw, was {value!r}"
        ) from error


def _weekday(value: str) -> str:
    if value not in _DAYS:
        raise ValueError(f"must be one of {', '.join(_DAYS)}, was {value!r}")
    return value


def _secret_name(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{2,63}", value):
        # the value is not told: somebody may have written the secret itself
        raise ValueError("must be the name of a secret (small letters, digits, _), not the secret")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Limit = Annotated[RateLimit, BeforeValidator(_limit)]
ClockTime = Annotated[time, BeforeValidator(_clock_time)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
Weekday = Annotated[str, AfterValidator(_weekday)]
SecretName = Annotated[str, AfterValidator(_secret_name)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Score = Annotated[float, Field(ge=1, le=1000, allow_inf_nan=False)]
ChannelName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]


class Part(BaseModel):
    """A part of the file."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, populate_by_name=True
    )


class Channel(Part):
    """What every channel has."""

    #: auto: on as soon as its secrets are there; true: a missing secret is an error
    enabled: bool | Literal["auto"] = "auto"
    limits: dict[Level, Limit] = {}


class Log(Channel):
    """The API's log."""

    type: Literal["log"]


class Telegram(Channel):
    """One chat of a Telegram bot."""

    type: Literal["telegram"]
    token_secret: SecretName
    chat_secret: SecretName
    url: str = "https://api.telegram.org"


class Discord(Channel):
    """A Discord webhook."""

    type: Literal["discord"]
    webhook_secret: SecretName


class Slack(Channel):
    """A Slack incoming webhook."""

    type: Literal["slack"]
    webhook_secret: SecretName


class PagerDuty(Channel):
    """A PagerDuty service's Events v2 integration."""

    type: Literal["pagerduty"]
    routing_key_secret: SecretName
    url: str = "https://events.pagerduty.com"


class Email(Channel):
    """A mail server."""

    type: Literal["email"]
    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls"] = "starttls"
    sender: str = Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")
    recipients: tuple[Annotated[str, Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")], ...] = Field(
        min_length=1, max_length=20
    )
    username: str | None = None
    password_secret: SecretName | None = None
    #: a certificate authority of one's own
    ca_file: str | None = None


AnyChannel = Annotated[
    Log | Telegram | Discord | Slack | PagerDuty | Email, Field(discriminator="type")
]


class Step(Part):
    """One step of an escalation."""

    after: Duration
    channels: tuple[ChannelName, ...] = Field(min_length=1)


class LevelPart(Part):
    """How the alerts of a level are told."""

    channels: tuple[ChannelName, ...] = Field(min_length=1)
    escalation: tuple[Step, ...] = ()
    repeat_after: Duration = timedelta(minutes=10)
    group_for: Duration = timedelta(0)


class RulePart(Part):
    """What differs for one alert."""

    alert: Name
    enabled: bool = True
    level: Level | None = None
    threshold: Decimal | None = Field(default=None, ge=0)
    channels: tuple[ChannelName, ...] | None = Field(default=None, min_length=1)
    escalation: tuple[Step, ...] | None = None
    repeat_after: Duration | None = None


class MetricPart(Part):
    """An alert on a metric."""

    alert: Name
    metric: str = Field(pattern=r"^cerberus_[a-z0-9_]+$")
    title: str = Field(min_length=1, max_length=200)
    above: Decimal | None = None
    below: Decimal | None = None
    lasting: Duration = timedelta(0)
    level: Level = Level.WARNING

    @model_validator(mode="after")
    def _has_one_threshold(self) -> "MetricPart":
        if (self.above is None) == (self.below is None):
            raise ValueError("needs either above or below")
        return self


class AnomalyPart(Part):
    """A metric that is judged by its own history, and from which scores on it is unusual."""

    metric: str = Field(pattern=r"^cerberus_[a-z0-9_]+$")
    title: str = Field(min_length=1, max_length=200)
    least_spread: float = Field(gt=0, allow_inf_nan=False)
    of: Of = Of.VALUE
    direction: Direction = Direction.BOTH
    level: Level = Level.WARNING
    robust: Score | None = None
    ewma: Score | None = None
    seasonal: Score | None = None

    @model_validator(mode="after")
    def _has_a_threshold(self) -> "AnomalyPart":
        if not self.thresholds():
            raise ValueError("needs robust, ewma or seasonal")
        return self

    def thresholds(self) -> dict[Method, float]:
        """Return the scores that are given, by method."""
        given = {one: getattr(self, one) for one in Method}
        return {method: score for method, score in given.items() if score is not None}


class HeartbeatPart(Part):
    """Somebody who is expected to give a sign of life."""

    name: Name
    silent_for: Duration
    level: Level = Level.CRITICAL
    expected: Literal["from_start", "from_first"] = "from_first"


class QuietPart(Part):
    """When which levels wait."""

    start: ClockTime = Field(alias="from")
    end: ClockTime = Field(alias="to")
    timezone: Zone = ZoneInfo("UTC")
    weekdays: tuple[Weekday, ...] = _DAYS
    levels: tuple[Level, ...] = (Level.INFO, Level.WARNING)
    except_channels: tuple[ChannelName, ...] = ("log",)

    @model_validator(mode="after")
    def _never_silences_an_emergency(self) -> "QuietPart":
        if Level.EMERGENCY in self.levels:
            raise ValueError("levels: quiet hours never silence EMERGENCY")
        return self

    def days(self) -> frozenset[int]:
        """Return the weekdays as numbers, 0 for Monday."""
        return frozenset(_DAYS.index(day) for day in self.weekdays)


class AlertsFile(Part):
    """The whole file."""

    channels: dict[ChannelName, AnyChannel]
    levels: dict[Level, LevelPart]
    limits: dict[Level, Limit] = {}
    rules: tuple[RulePart, ...] = ()
    metrics: tuple[MetricPart, ...] = ()
    anomalies: tuple[AnomalyPart, ...] = Field(default=(), max_length=50)
    heartbeats: tuple[HeartbeatPart, ...] = ()
    quiet_hours: QuietPart | None = None
