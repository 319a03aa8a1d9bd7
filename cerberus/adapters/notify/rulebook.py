"""The rules in force and the channels that are set up; a change of the file is taken up."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cerberus.adapters.notify import schema
from cerberus.adapters.notify.discord import DiscordChannel
from cerberus.adapters.notify.email import EmailChannel
from cerberus.adapters.notify.log import LogChannel
from cerberus.adapters.notify.pagerduty import PagerDutyChannel
from cerberus.adapters.notify.post import Poster
from cerberus.adapters.notify.rules_file import RulesFile, read_rules
from cerberus.adapters.notify.secrets import redactor
from cerberus.adapters.notify.slack import SlackChannel
from cerberus.adapters.notify.telegram import TelegramChannel
from cerberus.domain.alerts.rules import LOG, AlertRules
from cerberus.errors import Misconfigured
from cerberus.ports import Notifier

log = logging.getLogger(__name__)

#: returns a secret by its name, None where there is none
Secrets = Callable[[str], str | None]


@dataclass(slots=True)
class Rulebook:
    """What `config/alerts.yaml` said when it was last without an error."""

    path: Path
    secrets: Secrets
    #: secrets of other parts, which no message may hold either
    foreign_secrets: Callable[[], tuple[str, ...]] = tuple
    poster: Poster = field(default_factory=Poster)
    rules: AlertRules = field(default_factory=AlertRules)
    channels: Mapping[str, Notifier] = field(default_factory=dict)
    redact: Callable[[str], str] = str
    #: why the file as it is now is not in force
    problem: str = ""
    _seen: object = None
    _named: tuple[str, ...] = ()

    def load(self) -> None:
        """Read the file and build its channels.

        Raises
        ------
        Misconfigured
            Something is wrong; the rules that were in force stay.
        """
        read = read_rules(self.path)
        self._named = tuple(sorted(_secret_names(read)))
        seen = self._signature()
        channels, used = self._build(read)
        self.rules, self.channels = read.rules(tuple(channels)), channels
        self.redact = redactor((*used, *self.foreign_secrets()))
        self.problem, self._seen = "", seen
        log.info("alert_rules_loaded channels=%s", ",".join(channels))

    def refresh(self) -> bool:
        """Take up a change; a broken one is noted, and the last good rules stay."""
        seen = self._signature()
        if seen == self._seen:
            return False
        try:
            self.load()
        except Misconfigured as error:
            self.problem, self._seen = str(error), seen
            log.error("alert_rules_broken reason=%s", error)
            return False
        return True

    def _signature(self) -> object:
        """Return what changes with the file and with whether its secrets are there."""
        try:
            told = self.path.stat()
        except OSError:
            return None
        values = tuple(self.secrets(name) for name in self._named)
        return told.st_mtime_ns, told.st_size, told.st_ino, values

    def _build(self, read: RulesFile) -> tuple[dict[str, Notifier], set[str]]:
        channels: dict[str, Notifier] = {LOG: LogChannel()}
        used: set[str] = set()
        for name, part in read.channels.items():
            found = self._secrets_of(name, part)
            if found is None:
                continue
            used |= set(found.values())
            built = build_channel(name, part, found, self.poster)
            if built is not None:
                channels[name] = built
        return channels, used

    def _secrets_of(self, name: str, part: schema.Channel) -> dict[str, str] | None:
        """Return the secrets of a channel, None when it is off."""
        named = _named_by(part)
        if part.enabled is False:
            return None
        found = {field: self.secrets(secret) for field, secret in named.items()}
        missing = sorted(named[field] for field, value in found.items() if not value)
        if not missing:
            return {field: value for field, value in found.items() if value}
        if part.enabled is True or len(missing) < len(named):
            raise Misconfigured(
                f"{self.path.name}: channels.{name}: the secret {missing[0]} is missing; put it "
                f"into var/secrets/{missing[0]} or the variable {missing[0].upper()}"
            )
        return None


def _named_by(part: schema.Channel) -> dict[str, str]:
    """Return the names of a channel's secrets, by field."""
    return {
        field: str(getattr(part, field))
        for field in type(part).model_fields
        if field.endswith("_secret") and getattr(part, field) is not None
    }


def _secret_names(read: RulesFile) -> set[str]:
    return {name for part in read.channels.values() for name in _named_by(part).values()}


def build_channel(
    name: str, part: schema.AnyChannel, secrets: Mapping[str, str], poster: Poster
) -> Notifier | None:
    """Return a channel, None for the log, which is always there."""
    match part:
        case schema.Telegram():
            token, chat = secrets["token_secret"], secrets["chat_secret"]
            return TelegramChannel(name, poster, token, chat, part.url)
        case schema.Discord():
            return DiscordChannel(name, poster, secrets["webhook_secret"])
        case schema.Slack():
            return SlackChannel(name, poster, secrets["webhook_secret"])
        case schema.PagerDuty():
            return PagerDutyChannel(name, poster, secrets["routing_key_secret"], part.url)
        case schema.Email():
            return _email(name, part, secrets)
    return None


def _email(name: str, part: schema.Email, secrets: Mapping[str, str]) -> EmailChannel:
    return EmailChannel(
        name=name,
        host=part.host,
        port=part.port,
        is_tls_from_start=part.security == "tls",
        sender=part.sender,
        recipients=part.recipients,
        username=part.username,
        password=secrets.get("password_secret"),
        ca_file=part.ca_file,
    )
