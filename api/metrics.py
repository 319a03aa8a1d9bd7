"""Metrics: the desk's figures at the moment of asking, and what the HTTP layer has measured."""

from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from cerberus.services.figures import Figure

#: one registry a process; the buckets surround the goals of 50 and 60 ms
REGISTRY = CollectorRegistry()
REQUEST_SECONDS = Histogram(
    "cerberus_http_request_seconds",
    "time from request to answer",
    ["method", "route", "status"],
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.06, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


class _Figures(Collector):
    """The figures as Prometheus families."""

    def __init__(self, figures: Sequence[Figure]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give one family for each name."""
        families: dict[str, GaugeMetricFamily] = {}
        for figure in self._figures:
            names = list(figure.labels)
            family = families.setdefault(
                figure.name, GaugeMetricFamily(figure.name, figure.help, labels=names)
            )
            family.add_metric(list(figure.labels.values()), figure.value)
        yield from families.values()


def as_text(figures: Sequence[Figure]) -> bytes:
    """Return figures and measurements as Prometheus text."""
    registry = CollectorRegistry()
    registry.register(_Figures(figures))
    return generate_latest(registry) + generate_latest(REGISTRY)


def as_json(figures: Sequence[Figure]) -> dict[str, object]:
    """Return the figures as one object; those with labels are nested by label value."""
    found: dict[str, object] = {}
    for figure in figures:
        if not figure.labels:
            found[figure.name] = figure.value
            continue
        nested = found.setdefault(figure.name, {})
        if isinstance(nested, dict):
            nested[",".join(figure.labels.values())] = figure.value
    return found
