"""Put the alerts of the API process together: rules, channels, and the loops that serve them."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cerberus.adapters.notify.beacon import Beacon
from cerberus.adapters.notify.pictures import read_picture
from cerberus.adapters.notify.rulebook import Rulebook
from cerberus.adapters.watch_file import WatchFile
from cerberus.bootstrap_tell import direct_files, read_rulebook
from cerberus.coordination.crew import Crew
from cerberus.coordination.periodic import Periodic
from cerberus.errors import Misconfigured
from cerberus.outside_settings import HeartbeatSettings
from cerberus.services.alerts.ailing import ailing
from cerberus.services.alerts.anomalies import MetricHistory
from cerberus.services.alerts.conditions import (
    DESK_NAMES,
    component_conditions,
    desk_conditions,
    engine_conditions,
    metric_conditions,
)
from cerberus.services.alerts.delivering import Deliverer
from cerberus.services.alerts.direct import route_past_direct
from cerberus.services.alerts.routing import follow_up, forget_old
from cerberus.services.alerts.watching import Watcher
from cerberus.services.desk import Desk
from cerberus.services.figures import Figure, figures
from cerberus.services.standing import as_writer
from cerberus.settings import AlertSettings, Paths, load

#: how many times less often figures are computed than the desk is looked at
_METRICS_SLOWER = 5
_FORGET_SECONDS = 3600.0

#: what is wrong with the process's own parts, by alert and part
Parts = Callable[[], Mapping[tuple[str, str], str]]


@dataclass(slots=True)
class Alerting:
    """The outbox's servants; they run from the start on, whatever becomes of the desk."""

    rulebook: Rulebook
    deliverer: Deliverer
    loops: list[Periodic]
    #: what is watched for failures
    steps: list[Periodic]
    crew: Crew = field(default_factory=Crew)

    def start(self, steps: list[Periodic]) -> None:
        """Begin to route, to deliver and to watch, these steps of the desk too."""
        self.steps += steps
        self.crew.start(self.loops)

    async def stop(self) -> None:
        """Let what is being sent arrive, and end."""
        await self.crew.stop()
        await self.deliverer.stop()
        await self.rulebook.poster.close()

    @property
    def following_channels(self) -> tuple[str, ...]:
        """The channels that keep the state of an alert themselves."""
        return tuple(name for name, one in self.rulebook.channels.items() if one.follows)


def build_alerting(desk: Desk, watch: WatchFile, parts: Parts) -> Alerting:
    """Read the rules and build what serves them.

    Raises
    ------
    Misconfigured
        The rules have an error, or a channel that must be there has no secret.
    """
    paths, settings = load(Paths), load(AlertSettings)
    rulebook = read_rulebook(paths, settings)
    reports = paths.under_var("report")
    deliverer = Deliverer(
        store=desk.store,
        clock=desk.wall_clock,
        rules=lambda: rulebook.rules,
        channels=lambda: rulebook.channels,
        redact=lambda text: rulebook.redact(text),
        picture=lambda name: read_picture(reports, name),
    )
    steps: list[Periodic] = []
    watchers = _watchers(desk, rulebook, steps, watch, parts)
    loops = _loops(desk, rulebook, deliverer, watchers, settings)
    loops += _heartbeat(desk, steps)
    return Alerting(rulebook, deliverer, loops, steps)


def _loops(
    desk: Desk,
    rulebook: Rulebook,
    deliverer: Deliverer,
    watchers: tuple[Watcher, "_Metrics"],
    settings: AlertSettings,
) -> list[Periodic]:
    store, wall = desk.store, desk.wall_clock
    poll, watch = settings.poll_seconds, settings.watch_seconds
    desk_watch, metric_watch = watchers

    direct = direct_files(load(Paths))

    async def pass_on() -> None:
        await route_past_direct(store, wall, rulebook.rules, direct)
        await deliverer.step()

    async def look_after() -> None:
        await asyncio.to_thread(rulebook.refresh)
        await follow_up(store, wall, rulebook.rules)

    history = MetricHistory(store, wall, lambda: rulebook.rules, lambda: figures(desk))

    async def purge() -> None:
        await forget_old(store, wall)

    # one outbox has one servant: the process that trades
    return [
        Periodic("alerts", poll, as_writer(desk, pass_on), wall),
        Periodic("alert-rules", watch, as_writer(desk, look_after), wall),
        Periodic("alert-watch", watch, as_writer(desk, desk_watch.step), wall),
        Periodic("alert-metrics", watch * _METRICS_SLOWER, as_writer(desk, metric_watch), wall),
        Periodic("metric-history", watch * _METRICS_SLOWER, as_writer(desk, history.step), wall),
        Periodic("alert-purge", _FORGET_SECONDS, as_writer(desk, purge), wall),
    ]


def _heartbeat(desk: Desk, steps: list[Periodic]) -> list[Periodic]:
    """Return the loop that tells a watch outside that all is well, where one is set up."""
    settings = load(HeartbeatSettings)
    if settings.url is None:
        return []
    url = settings.url.get_secret_value()
    if not url.startswith(("http://", "https://")):
        raise Misconfigured("CERBERUS_HEARTBEAT_URL must begin with http:// or https://")
    beacon = Beacon(url)

    async def give_sign() -> None:
        if not ailing(desk, steps):
            await beacon.give()

    return [Periodic("heartbeat", settings.seconds, give_sign, desk.wall_clock)]


def _watchers(
    desk: Desk,
    rulebook: Rulebook,
    steps: list[Periodic],
    watch: WatchFile,
    parts: Parts,
) -> tuple[Watcher, "_Metrics"]:
    started_at, wall = desk.wall_clock.now(), desk.wall_clock

    def problems() -> Mapping[str, str]:
        found = {step.name: step.problem for step in steps}
        return found | {"alert_rules": rulebook.problem}

    on_desk = Watcher(
        store=desk.store,
        clock=wall,
        rules=lambda: rulebook.rules,
        names=lambda: DESK_NAMES,
        sense=lambda tx, now: [
            *desk_conditions(desk, tx, rulebook.rules, problems(), started_at, now),
            *engine_conditions("flow_file_broken", watch.broken_flow_files()),
            *engine_conditions("schedule_stuck", watch.stuck_schedules()),
            *component_conditions(parts()),
        ],
    )
    return on_desk, _Metrics(desk, rulebook)


class _Metrics:
    """Compares the figures with the rules on metrics."""

    def __init__(self, desk: Desk, rulebook: Rulebook) -> None:
        self._desk, self._rulebook = desk, rulebook
        self._figures: list[Figure] = []
        self._watcher = Watcher(
            store=desk.store,
            clock=desk.wall_clock,
            rules=lambda: rulebook.rules,
            names=lambda: {rule.name for rule in rulebook.rules.metrics} - DESK_NAMES,
            sense=lambda _tx, _now: metric_conditions(rulebook.rules, self._figures),
        )

    async def __call__(self) -> None:
        if self._rulebook.rules.metrics:
            self._figures = await figures(self._desk)
        await self._watcher.step()
