"""Put the webhooks of the API process together: keys, limits, and the engine behind them."""

from dataclasses import dataclass
from pathlib import Path

from cerberus import secret_files
from cerberus.adapters.kestra_webhook import KestraWebhooks
from cerberus.outside_settings import KestraSettings, WebhookSettings
from cerberus.services.desk import Desk
from cerberus.services.webhooks import Webhooks
from cerberus.settings import Ports, load


@dataclass(frozen=True, slots=True)
class WebhookParts:
    """The service, and the connection to close at the end."""

    service: Webhooks
    flows: KestraWebhooks

    async def stop(self) -> None:
        """Close the connection to the engine."""
        await self.flows.close()


def build_webhooks(desk: Desk, ports: Ports, secrets: Path) -> WebhookParts:
    """Read the keys and build what takes calls in."""
    told = load(KestraSettings)
    key = told.webhook_key.get_secret_value() if told.webhook_key else None
    url = (told.url or ports.engine_url).rstrip("/")
    flows = KestraWebhooks(url, key or secret_files.read(secrets, "webhook_key"))
    service = Webhooks(
        store=desk.store,
        clock=desk.wall_clock,
        flows=flows,
        signing_key=secret_files.read(secrets, "webhook_signing_key"),
        path_token=secret_files.read(secrets, "webhook_path_token"),
        per_minute=load(WebhookSettings).per_minute,
    )
    return WebhookParts(service, flows)
