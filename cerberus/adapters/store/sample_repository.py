"""The history of metrics, inside one transaction: a row a minute."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from cerberus.adapters.store import tables
from cerberus.domain.anomalies.samples import Sample

_COLUMNS = tables.metric_samples.c
_BETWEEN = (
    select(_COLUMNS.at, _COLUMNS["values"])
    .where(_COLUMNS.at >= bindparam("first"), _COLUMNS.at <= bindparam("last"))
    .order_by(_COLUMNS.at)
)


class SampleRows:
    """Samples by their minute, the values as JSON: they are written and read together."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, sample: Sample) -> None:
        """Store or replace the sample of a minute."""
        self._connection.execute(delete(tables.metric_samples).where(_COLUMNS.at == sample.at))
        row = {
            "at": sample.at,
            "values": json.dumps(dict(sample.values), allow_nan=False, separators=(",", ":")),
        }
        self._connection.execute(insert(tables.metric_samples), row)

    def between(self, first: datetime, last: datetime) -> list[Sample]:
        """Return the samples from one moment to another, both included, oldest first."""
        rows = self._connection.execute(_BETWEEN, {"first": first, "last": last})
        return [Sample(at, _values(text)) for at, text in rows]

    def forget(self, before: datetime) -> int:
        """Remove what is older than a moment; return how many."""
        query = delete(tables.metric_samples).where(_COLUMNS.at < before)
        return self._connection.execute(query).rowcount


def _values(text: str) -> Mapping[str, float]:
    found: dict[str, float] = json.loads(text)
    return found
