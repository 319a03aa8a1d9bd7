"""The life of the engine process: checks, start, service, stop."""

import logging
import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import uvicorn
from fastapi import FastAPI

from cerberus import secret_files
from cerberus.engine.api.app import build_app
from cerberus.engine.api.auth import Credentials
from cerberus.engine.api.routers.care import Care
from cerberus.engine.flow_files import FlowFolder, FlowWatch
from cerberus.engine.install import Installation
from cerberus.engine.jvm.configuration import EngineValues, task_grace_seconds
from cerberus.engine.jvm.database import settle_database
from cerberus.engine.jvm.engine import Engine
from cerberus.engine.jvm.environment import put_own_python_first
from cerberus.engine.jvm.home import claim_home, require_free_port, sweep
from cerberus.engine.jvm.logs import set_up_logging
from cerberus.engine.jvm.machine import MachineOptions, start_machine
from cerberus.engine.jvm.orphans import end_orphans
from cerberus.engine.jvm.poll import Poll
from cerberus.engine.kestra.facade import Kestra
from cerberus.engine.kestra.reconcile import end_runs_of_dead_workers, unlock_abandoned_triggers
from cerberus.engine.reports import Reports
from cerberus.engine.secrets import SecretSources, Vault
from cerberus.engine.tasks.limits import guard_tasks
from cerberus.settings import EngineSettings, Paths, Ports

HTTP_STOP_SECONDS = 2
SECRETS_POLL_SECONDS = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything that the engine process reads from outside."""

    paths: Paths
    ports: Ports
    settings: EngineSettings
    installation: Installation

    @property
    def home(self) -> Path:
        """The engine's own folder."""
        return self.paths.under_var("kestra").resolve()

    @property
    def secrets(self) -> Path:
        """The folder of generated secrets."""
        return self.paths.under_var("secrets")


@dataclass(frozen=True, slots=True)
class Course:
    """What one run of the engine is for.

    `aot` gives the machine's flags about its ahead-of-time cache, once the folder is ours; `run`
    gets the server as soon as the engine is ready, and runs it for as long as it is wanted.
    """

    aot: Callable[[], tuple[str, ...]]
    run: Callable[[uvicorn.Server], None]


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
    start_machine(_machine_options(around, course.aot()))
    engine = _start_engine(around, vault)
    try:
        with ExitStack() as polls:
            app = _set_up(around, Kestra.of(engine), vault, reports, polls)
            _log.info("engine ready seconds=%.2f", monotonic() - began)
            if not stop_wanted.is_set():
                course.run(_http_server(around.ports, app))
    finally:
        engine.stop()
        owned.close()


def _set_up(
    around: Surroundings, kestra: Kestra, vault: Vault, reports: Reports, polls: ExitStack
) -> FastAPI:
    settings = around.settings
    flows = _flow_watch(around, kestra, reports)
    _reconcile(kestra, reports)
    flows.load()
    polls.enter_context(Poll("flow files", flows.look, settings.flows_poll_seconds))
    polls.enter_context(Poll("secrets", vault.look, SECRETS_POLL_SECONDS))
    password = secret_files.read(around.secrets, "kestra_password")
    app = build_app(kestra, Credentials(settings.username, password), reports)
    backups = around.paths.under_var("backup").resolve()
    app.state.care = Care(vault, around.home, backups, settings.backups_kept)
    return app


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
    values = EngineValues(around.home, around.ports, settings, encryption_key)
    return Engine(
        values.properties(),
        vault=vault,
        worker_threads=settings.worker_threads,
        grace_seconds=task_grace_seconds(settings),
    )


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


def _http_server(ports: Ports, app: FastAPI) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        host=ports.host,
        port=ports.engine_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=HTTP_STOP_SECONDS,
        # longer than clients keep idle connections: none is closed under a request
        timeout_keep_alive=75,
    )
    return uvicorn.Server(config)


def _stop_on_signals() -> threading.Event:
    """Note a signal that comes before HTTP is up; uvicorn raises its own again after its end."""
    wanted = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: wanted.set())
    return wanted
