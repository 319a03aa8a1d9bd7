"""The channel that is always there: the log of the API."""

import logging

from cerberus.domain.alerts.alert import Level
from cerberus.domain.alerts.message import AlertMessage
from cerberus.domain.alerts.rules import LOG

log = logging.getLogger("cerberus.alerts")

_LEVELS = {
    Level.INFO: logging.INFO,
    Level.WARNING: logging.WARNING,
    Level.CRITICAL: logging.ERROR,
    Level.EMERGENCY: logging.CRITICAL,
}


class LogChannel:
    """Writes one line for each alert."""

    name = LOG
    takes_groups = True
    follows = False

    async def send(self, message: AlertMessage) -> None:
        """Write a message to the log; a line break in an alert cannot look like another line."""
        for item in message.items:
            log.log(
                _LEVELS[item.level],
                "alert id=%s kind=%s level=%s name=%s count=%d source=%r title=%r message=%r",
                item.alert_id,
                item.kind,
                item.level,
                item.name,
                item.count,
                item.source,
                item.title,
                item.text,
            )
