"""Alerts and their deliveries, inside one transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select, update

from cerberus.adapters.store import tables
from cerberus.adapters.store.rows import Rows
from cerberus.domain.alerts.alert import WATCH, Alert, AlertStatus, Level
from cerberus.domain.alerts.delivery import Delivery, DeliveryStatus, Tally

_LIVE = (AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED)
_REPEATED = AlertStatus.REPEATED
_OVER = (AlertStatus.RESOLVED, _REPEATED)
_PENDING = (DeliveryStatus.QUEUED, DeliveryStatus.SENDING)
#: what changes about a delivery
_CHANGING = ("status", "message_id", "attempts", "refusals", "attempted_at", "error")
#: well below the number of parameters that a statement may have
_AT_ONCE = 500


class AlertRows(Rows[Alert]):
    """Alerts."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, tables.alerts, Alert)

    add = Rows[Alert].insert
    save = Rows[Alert].update

    def get(self, alert_id: str) -> Alert | None:
        """Return an alert by our id, or by the id of its caller."""
        columns = tables.alerts.c
        return self.one(or_(columns.alert_id == alert_id, columns.external_id == alert_id))

    def live(self, fingerprint: str) -> Alert | None:
        """Return the live alert of a fingerprint."""
        columns = tables.alerts.c
        return self.one(columns.fingerprint == fingerprint, columns.status.in_(_LIVE))

    def live_from(self, source: str) -> list[Alert]:
        """Return the live alerts of a source."""
        columns = tables.alerts.c
        return self.all(columns.status.in_(_LIVE), columns.source == source, newest=False)

    def of(self, alert_ids: Collection[str]) -> list[Alert]:
        """Return some alerts."""
        wanted, found = sorted(alert_ids), []
        for start in range(0, len(wanted), _AT_ONCE):
            part = tables.alerts.c.alert_id.in_(wanted[start : start + _AT_ONCE])
            found += self.all(part, newest=False)
        return found

    def unrouted(self, limit: int) -> list[Alert]:
        """Return the alerts whose channels are to be chosen, oldest first."""
        columns = tables.alerts.c
        return self.all(
            columns.routed_at.is_(None), columns.status != _REPEATED, limit=limit, newest=False
        )

    def routed(self, limit: int, after: str) -> list[Alert]:
        """Return live alerts that were routed, by id, behind an id."""
        columns = tables.alerts.c
        is_routed = and_(columns.status.in_(_LIVE), columns.routed_at.is_not(None))
        return self.all(is_routed, columns.alert_id > after, limit=limit, newest=False)

    def still_since(self, before: datetime, limit: int) -> list[Alert]:
        """Return the live alerts that were not repeated since a moment, those watched apart."""
        columns = tables.alerts.c
        is_still = and_(columns.status.in_(_LIVE), columns.last_at < before)
        return self.all(is_still, columns.source != WATCH, limit=limit, newest=False)

    def find(
        self,
        status: AlertStatus | None,
        level: Level | None,
        name: str | None,
        limit: int,
        offset: int,
    ) -> tuple[list[Alert], int]:
        """Return the newest alerts and the total."""
        columns = tables.alerts.c
        wanted = ((columns.status, status), (columns.level, level), (columns.name, name))
        where = [column == value for column, value in wanted if value is not None]
        return self.page(limit, offset, *where)

    def forget(self, before: datetime) -> int:
        """Remove what was over before a moment; return how many alerts."""
        columns = tables.alerts.c
        waiting = select(tables.deliveries.c.alert_id).where(
            tables.deliveries.c.status.in_(_PENDING)
        )
        over = select(columns.alert_id).where(
            columns.status.in_(_OVER), columns.last_at < before, columns.alert_id.not_in(waiting)
        )
        ids = self._connection.execute(over.limit(_AT_ONCE)).scalars().all()
        if not ids:
            return 0
        told = tables.deliveries.c.alert_id.in_(ids)
        self._connection.execute(delete(tables.deliveries).where(told))
        return self._connection.execute(
            delete(tables.alerts).where(columns.alert_id.in_(ids))
        ).rowcount


class DeliveryRows(Rows[Delivery]):
    """Deliveries."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, tables.deliveries, Delivery)

    add = Rows[Delivery].insert

    def save(self, deliveries: Sequence[Delivery]) -> None:
        """Store the new state of deliveries, many at once."""
        columns = tables.deliveries.c
        query = update(tables.deliveries).where(columns.delivery_id == bindparam("this"))
        changed = [
            {"this": one.delivery_id} | {name: getattr(one, name) for name in _CHANGING}
            for one in deliveries
        ]
        if changed:
            values: dict[str, object] = {name: bindparam(name) for name in _CHANGING}
            self._connection.execute(query.values(values), changed)

    def of_alert(self, alert_id: str) -> list[Delivery]:
        """Return the deliveries of an alert, oldest first."""
        return self.all(tables.deliveries.c.alert_id == alert_id, newest=False)

    def sending(self, channel: str) -> list[Delivery]:
        """Return what was being sent on a channel, oldest first."""
        columns = tables.deliveries.c
        is_sending = columns.status == DeliveryStatus.SENDING
        return self.all(columns.channel == channel, is_sending, newest=False)

    def queued(self, channel: str, level: Level, limit: int) -> list[Delivery]:
        """Return what waits for a channel, oldest first."""
        columns = tables.deliveries.c
        waits = (columns.status == DeliveryStatus.QUEUED, columns.channel == channel)
        return self.all(*waits, columns.level == level, limit=limit, newest=False)

    def waiting_channels(self) -> list[str]:
        """Return the channels for which something waits."""
        columns = tables.deliveries.c
        query = select(columns.channel).where(columns.status.in_(_PENDING)).distinct()
        return sorted(self._connection.execute(query).scalars())

    def messages_since(self, channel: str, level: Level, since: datetime) -> int:
        """Return how many messages a channel was given after a moment."""
        columns = tables.deliveries.c
        given = (DeliveryStatus.SENDING, DeliveryStatus.SENT)
        query = select(func.count(columns.message_id.distinct())).where(
            columns.channel == channel,
            columns.level == level,
            columns.status.in_(given),
            columns.attempted_at > since,
        )
        return int(self._connection.execute(query).scalar_one())

    def tally(self) -> list[Tally]:
        """Return how many deliveries there are, by channel and status."""
        columns = tables.deliveries.c
        oldest = func.min(columns.created_at, type_=columns.created_at.type)
        query = select(columns.channel, columns.status, func.count(), oldest)
        rows = self._connection.execute(query.group_by(columns.channel, columns.status))
        return [Tally(*row) for row in rows]

    def move(self, old: str, new: str) -> int:
        """Give another channel what waits for one that is no more; return how many."""
        columns = tables.deliveries.c
        waits = (columns.channel == old, columns.status.in_(_PENDING))
        values = {"channel": new, "status": DeliveryStatus.QUEUED}
        query = update(tables.deliveries).where(*waits).values(**values)
        return self._connection.execute(query).rowcount
