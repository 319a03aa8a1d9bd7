"""Put together what lets the outside in by itself: commands of people, and signals by a bus."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from cerberus import secret_files
from cerberus.adapters import bus
from cerberus.adapters.clock import WallClock
from cerberus.chat import telegram
from cerberus.chat.asked import Listed
from cerberus.chat.operator import Operator
from cerberus.chat.webhook import PATH, Webhook
from cerberus.client.api import CerberusClient
from cerberus.client.inbox import tell_signal
from cerberus.errors import Misconfigured
from cerberus.outside_settings import NatsSettings, TelegramSettings
from cerberus.settings import Ports, load, named_secret

#: an emergency stop, and a signal in a queue, wait for the venue
_TIMEOUT_SECONDS = 60.0
_TOKEN = "telegram_bot_token"  # noqa: S105 - the secret's name


class Outside(Protocol):
    """Something that waits for the outside as long as the process lives."""

    @property
    def name(self) -> str: ...  # noqa: D102 - named by its type

    async def run(self) -> None:
        """Wait for it."""
        ...

    async def close(self) -> None:
        """Take nothing more; what waits may be cancelled then."""
        ...


def build_outside(ports: Ports, secrets: Path) -> list[Outside]:
    """Return what is set up; each is a client of this API, and delays nothing when it is gone.

    Raises
    ------
    Misconfigured
        One is set up in part.
    """
    api_token = secret_files.read(secrets, "api_token")

    def connect() -> CerberusClient:
        return CerberusClient(ports.api_url, api_token, _TIMEOUT_SECONDS)

    found: list[Outside] = []
    if load(TelegramSettings).user_ids:
        found.append(_chat(connect, secrets))
    if load(NatsSettings).url is not None:
        found.append(_signals(connect))
    return found


def _chat(connect: Callable[[], CerberusClient], secrets: Path) -> telegram.TelegramChat:
    settings = load(TelegramSettings)
    token = named_secret(secrets, _TOKEN)
    if token is None:
        raise Misconfigured(
            f"CERBERUS_TELEGRAM_USERS is set, and the secret {_TOKEN} is missing: "
            f"put it into var/secrets/{_TOKEN}"
        )
    telegram.ensure_installed()
    operator = Operator(connect, WallClock())
    listed = Listed(settings.user_ids, settings.chat_ids)
    webhook = None
    if settings.webhook_url is not None:
        secret = secret_files.read(secrets, "telegram_webhook_secret")
        webhook = Webhook(settings.webhook_url.rstrip("/") + PATH, secret)
    return telegram.TelegramChat(token, settings.url, listed, operator.answer, webhook)


def _signals(connect: Callable[[], CerberusClient]) -> bus.NatsSignals:
    settings = load(NatsSettings)
    bus.ensure_installed()
    return bus.NatsSignals(
        url=settings.url.get_secret_value() if settings.url else "",
        stream=settings.stream,
        subject=settings.subject,
        dead_subject=settings.dead_subject,
        durable=settings.durable,
        tries=settings.tries,
        handle=lambda received: tell_signal(connect, received),
    )
