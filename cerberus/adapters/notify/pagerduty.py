"""PagerDuty: Events API v2; one incident an alert, which follows its acknowledgement and end."""

from dataclasses import dataclass

from cerberus.adapters.notify.post import Poster
from cerberus.adapters.notify.text import cut, one_line
from cerberus.domain.alerts.alert import Level
from cerberus.domain.alerts.delivery import Kind
from cerberus.domain.alerts.message import AlertMessage, Item

#: PagerDuty's limits
SUMMARY, DEDUP_KEY, SOURCE = 1024, 255, 255
_SEVERITIES = {
    Level.INFO: "info",
    Level.WARNING: "warning",
    Level.CRITICAL: "error",
    Level.EMERGENCY: "critical",
}
_ACTIONS = {Kind.ACKNOWLEDGED: "acknowledge", Kind.RESOLVED: "resolve"}


@dataclass(frozen=True, slots=True)
class PagerDutyChannel:
    """One integration key; an event that comes twice makes one incident."""

    name: str
    poster: Poster
    routing_key: str
    url: str
    takes_groups = False
    follows = True

    async def send(self, message: AlertMessage) -> None:
        """Trigger, acknowledge or resolve the incident of an alert."""
        for item in message.items:
            await self.poster.post(self.name, f"{self.url}/v2/enqueue", json_body=self._event(item))

    def _event(self, item: Item) -> dict[str, object]:
        action = _ACTIONS.get(item.kind, "trigger")
        event: dict[str, object] = {
            "routing_key": self.routing_key,
            "event_action": action,
            "dedup_key": item.alert_id[:DEDUP_KEY],
        }
        if action == "trigger":
            event["client"] = "Cerberus"
            event["payload"] = {
                "summary": cut(one_line(f"{item.level}: {item.heading}"), SUMMARY),
                "source": cut(one_line(item.source), SOURCE) or "cerberus",
                "severity": _SEVERITIES[item.level],
                "timestamp": item.at.isoformat(),
                "component": "cerberus",
                "class": item.name,
                "custom_details": {
                    "message": item.text,
                    "count": item.count,
                    "alert_id": item.alert_id,
                },
            }
        return event
