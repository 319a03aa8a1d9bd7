"""An alert as its teller writes it."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from cerberus.domain.alerts.alert import MESSAGE_LENGTH, TITLE_LENGTH, Alert, Level, fingerprint
from cerberus.ids import new_id


class AlertIn(BaseModel):
    """An alert to be raised; the same `id` counts once."""

    model_config = ConfigDict(extra="forbid")

    id: str | None = Field(default=None, min_length=1, max_length=128)
    name: str = Field(default="flow", pattern=r"^[a-z][a-z0-9_-]{0,63}$")
    level: Level = Level.INFO
    title: str = Field(min_length=1, max_length=TITLE_LENGTH)
    message: str = Field(default="", max_length=MESSAGE_LENGTH)
    source: str = Field(default="unknown", min_length=1, max_length=200)
    fingerprint: str | None = Field(
        default=None, min_length=1, max_length=200, description="what repetitions have in common"
    )
    picture: str | None = Field(
        default=None, max_length=200, description="a PNG or JPEG below var/report"
    )

    def to_alert(self, now: datetime) -> Alert:
        """Return the alert; without a fingerprint its name and title say what it repeats."""
        same = ("given", self.fingerprint) if self.fingerprint else (self.title,)
        return Alert(
            alert_id=new_id(),
            external_id=self.id,
            name=self.name,
            fingerprint=fingerprint(self.name, *same),
            level=self.level,
            title=self.title,
            message=self.message,
            source=self.source,
            created_at=now,
            last_at=now,
            picture=self.picture,
        )
