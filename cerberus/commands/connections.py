"""Clients for this installation: URLs and secrets from settings and files."""

from cerberus import secret_files
from cerberus.client.api import CerberusClient
from cerberus.client.engine import EngineCare
from cerberus.client.kestra import KestraClient
from cerberus.outside_settings import KestraSettings
from cerberus.settings import EngineSettings, Paths, Ports, load

#: an emergency stop waits for the venue
STOP_SECONDS = 60.0
#: a large database takes its time
BACKUP_SECONDS = 600.0


def api_token(*, admin: bool = False) -> str:
    """Return a bearer token of the API."""
    return _secret("admin_token" if admin else "api_token")


def api_client(timeout_seconds: float = 10.0, *, admin: bool = False) -> CerberusClient:
    """Return a client of the API."""
    return CerberusClient(load(Ports).api_url, api_token(admin=admin), timeout_seconds)


def engine_password() -> str:
    """Return the password of the engine's user."""
    return _secret("kestra_password")


def engine_url() -> str:
    """Return where the engine is, the embedded one unless another is set."""
    return (load(KestraSettings).url or load(Ports).engine_url).rstrip("/")


def webhook_key() -> str:
    """Return the key of the engine's webhooks."""
    told = load(KestraSettings).webhook_key
    return _secret("webhook_key") if told is None else told.get_secret_value()


def kestra_client() -> KestraClient:
    """Return a client of the engine."""
    told = load(KestraSettings)
    user = told.username or load(EngineSettings).username
    password = told.password.get_secret_value() if told.password else engine_password()
    return KestraClient(engine_url(), user, password)


def engine_care() -> EngineCare:
    """Return a client for the care of the engine."""
    user = load(EngineSettings).username
    return EngineCare(load(Ports).engine_url, user, engine_password())


def _secret(name: str) -> str:
    return secret_files.read(load(Paths).under_var("secrets"), name)
