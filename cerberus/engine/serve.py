"""The life of the engine process: checks, start, service, stop."""

import logging
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from cerberus import secret_files
from cerberus.engine.flow_files import FlowFolder, FlowWatch
from cerberus.engine.jvm.configuration import EngineValues, task_grace_seconds
from cerberus.engine.jvm.database import settle_database
from cerberus.engine.jvm.engine import Engine
from cerberus.engine.jvm.environment import put_own_python_first
from cerberus.engine.jvm.heap import LOOK_SECONDS as HEAP_SECONDS
from cerberus.engine.jvm.heap import heap_keeper
from cerberus.engine.jvm.home import claim_home, require_free_port, sweep
from cerberus.engine.jvm.logs import set_up_logging
from cerberus.engine.jvm.machine import MachineOptions, start_machine
from cerberus.engine.jvm.orphans import end_orphans
from cerberus.engine.jvm.poll import Poll
from cerberus.engine.kestra.beans import Beans
from cerberus.engine.kestra.facade import Kestra
from cerberus.engine.kestra.followers import LOOK_SECONDS, Followers
from cerberus.engine.kestra.queued import put_back_in_line
from cerberus.engine.kestra.reconcile import end_runs_of_dead_workers, unlock_abandoned_triggers
from cerberus.engine.kestra.slots import free_lost_slots
from cerberus.engine.kestra.standing import go_on_with_what_stands
from cerberus.engine.reports import Reports
from cerberus.engine.secrets import SecretSources, Vault
from cerberus.engine.surroundings import Surroundings
from cerberus.engine.tasks.limits import guard_tasks
from cerberus.settings import AlertSettings, load

if TYPE_CHECKING:
    import uvicorn

SECRETS_POLL_SECONDS = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Course:
    """What one run of the engine is for.

    `aot` gives the machine's flags about its ahead-of-time cache, once the folder is ours; `run`
    gets the server as soon as the engine is ready, and runs it for as long as it is wanted.
    """

    aot: Callable[[], tuple[str, ...]]
    run: Callable[["uvicorn.Server"], None]


def serve(around: Surroundings, course: Course) -> None:
    """Run the engine and its API until the course is over; then stop it without losing a result.

    Raises
    ------
    cerberus.errors.Misconfigured
        Another engine owns the folder or a port, or a setting does not fit.
    """
    began = monotonic()
    stop_wanted = _stop_on_signals()
    vault = _open_vault(around)
    vault.connect(set_up_logging().hide)
    owned = claim_home(around.home)
    require_free_port(around.ports.host, around.ports.engine_port, "CERBERUS_ENGINE_PORT")
    require_free_port("127.0.0.1", around.ports.engine_grpc_port, "CERBERUS_ENGINE_GRPC_PORT")
    reports = Reports(processes=end_orphans(around.home / "tmp"))
    sweep(around.home / "tmp")
    put_own_python_first()
    with ThreadPoolExecutor(1, "import") as importing:
        # FastAPI and a hundred routes take a second, in which the machine boots
        web = importing.submit(_import_web)
        start_machine(_machine_options(around, course.aot()))
        engine = _start_engine(around, vault)
    try:
        with ExitStack() as polls:
            kestra = Kestra.of(engine)
            _set_up(around, kestra, vault, reports, polls)
            server = web.result()(around, kestra, vault, reports)
            _log.info("engine ready seconds=%.2f", monotonic() - began)
            if not stop_wanted.is_set():
                course.run(server)
    finally:
        engine.stop()
        owned.close()


def _set_up(
    around: Surroundings, kestra: Kestra, vault: Vault, reports: Reports, polls: ExitStack
) -> None:
    settings = around.settings
    flows = _flow_watch(around, kestra, reports)
    _reconcile(kestra, reports)
    flows.load()
    polls.enter_context(Poll("flow files", flows.look, settings.flows_poll_seconds))
    polls.enter_context(Poll("followers", Followers(kestra.beans).look, LOOK_SECONDS))
    polls.enter_context(Poll("heap", heap_keeper().look, HEAP_SECONDS))
    polls.enter_context(Poll("secrets", vault.look, SECRETS_POLL_SECONDS))


def _import_web() -> Callable[[Surroundings, Kestra, Vault, Reports], "uvicorn.Server"]:
    from cerberus.engine.web import http_server  # heavy: beside the machine's boot

    return http_server


def _open_vault(around: Surroundings) -> Vault:
    secret_files.ensure(around.secrets)
    root = around.paths.root
    return Vault(
        SecretSources(
            around.secrets,
            root / "kestra" / "secrets.env",
            root / "kestra" / "secrets",
            root / "secrets.env",
        )
    )


def _start_engine(around: Surroundings, vault: Vault) -> Engine:
    settings = around.settings
    guard_tasks(settings)
    settle_database(around.home / "h2")
    encryption_key = secret_files.read(around.secrets, "kestra_encryption_key")
    rules = around.paths.root / load(AlertSettings).file
    values = EngineValues(around.home, around.paths, around.ports, settings, encryption_key, rules)
    return Engine(
        values.properties(),
        vault=vault,
        worker_threads=settings.worker_threads,
        grace_seconds=task_grace_seconds(settings),
        before_services=_mend_what_a_kill_left,
    )


def _mend_what_a_kill_left(engine: Engine) -> None:
    beans, inherited = Beans.of(engine), engine.inherited
    # who has lost a place in the line stands there again when the slots are given
    for mend in (put_back_in_line, free_lost_slots, go_on_with_what_stands):
        try:
            mend(beans, inherited)
        except Exception:  # the edge: an engine that mends nothing is better than none
            _log.exception("what a kill left was not all mended")


def _reconcile(kestra: Kestra, reports: Reports) -> None:
    engine, live = kestra.engine, kestra.engine.services.ids()
    reports.task_runs = end_runs_of_dead_workers(kestra.beans, live, engine.inherited)
    reports.triggers = unlock_abandoned_triggers(kestra.beans, kestra.triggers, live)


def _flow_watch(around: Surroundings, kestra: Kestra, reports: Reports) -> FlowWatch:
    settings = around.settings
    folder = FlowFolder(
        around.paths.root / settings.flows, kestra.flows, reports, around.home / "flow-files.json"
    )
    return FlowWatch(folder)


def _machine_options(around: Surroundings, aot: tuple[str, ...]) -> MachineOptions:
    return MachineOptions(
        around.installation,
        around.paths.root / "kestra",
        around.home,
        around.settings.heap_megabytes,
        around.settings.timezone,
        aot,
    )


def _stop_on_signals() -> threading.Event:
    """Note a signal that comes before HTTP is up; uvicorn raises its own again after its end."""
    wanted = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: wanted.set())
    return wanted
