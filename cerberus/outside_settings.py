"""Settings of what people and other systems outside may tell: webhooks, commands, messages."""

from pydantic import Field
from pydantic_settings import BaseSettings

from cerberus.settings import SecretStr, section

#: whole numbers between commas, or nothing
_NUMBERS = r"^\s*(-?\d{1,18}\s*(,\s*-?\d{1,18}\s*)*)?$"


class TelegramSettings(BaseSettings):
    """Who may command by Telegram, and where; nobody unless users are listed."""

    model_config = section("CERBERUS_TELEGRAM_")

    users: str = Field(default="", pattern=_NUMBERS)
    chats: str = Field(default="", pattern=_NUMBERS)
    url: str = "https://api.telegram.org"
    #: the public address of this API, to be called by Telegram; polled without one
    webhook_url: str | None = Field(default=None, pattern=r"^https://[^/?#\s]+[^?#\s]*$")

    @property
    def user_ids(self) -> frozenset[int]:
        """The users, by their numbers."""
        return _numbers(self.users)

    @property
    def chat_ids(self) -> frozenset[int]:
        """The groups, by their numbers; a user's own chat needs no entry."""
        return _numbers(self.chats)


class WebhookSettings(BaseSettings):
    """How often the outside may call."""

    model_config = section("CERBERUS_WEBHOOK_")

    per_minute: int = Field(default=60, ge=1, le=6000)


class KestraSettings(BaseSettings):
    """The engine that flows run on, where it is not the embedded one."""

    model_config = section("CERBERUS_KESTRA_")

    url: str | None = Field(default=None, pattern=r"^https?://[^/?#]+[^?#]*$")
    username: str | None = None
    password: SecretStr | None = None
    webhook_key: SecretStr | None = None


class NatsSettings(BaseSettings):
    """Where signals come from by NATS; nowhere without a URL, which may hold a password."""

    model_config = section("CERBERUS_NATS_")

    url: SecretStr | None = None
    stream: str = Field(default="signals", pattern=r"^[A-Za-z0-9_-]{1,64}$")
    subject: str = Field(default="signals.trading", pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$")
    dead_subject: str = Field(
        default="signals.dead", pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$"
    )
    durable: str = Field(default="cerberus", pattern=r"^[A-Za-z0-9_-]{1,64}$")
    #: after so many tries a message that fails goes to the dead ones
    tries: int = Field(default=5, ge=1, le=100)


class HeartbeatSettings(BaseSettings):
    """A watch outside that notices when this machine is dead; its URL is a secret."""

    model_config = section("CERBERUS_HEARTBEAT_")

    url: SecretStr | None = None
    seconds: float = Field(default=60.0, ge=0.1, le=3600)


def _numbers(text: str) -> frozenset[int]:
    return frozenset(int(one) for one in text.split(",") if one.strip())
