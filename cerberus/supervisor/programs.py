"""The programs of Cerberus, from its settings."""

import sys

from cerberus.settings import (
    EngineSettings,
    Paths,
    Ports,
    SupervisorSettings,
    TradingSettings,
    load,
)
from cerberus.supervisor.stack import Limits, Port, Program, Stack

API_STOP_SECONDS = 6
SIMULATOR_STOP_SECONDS = 3


def cerberus_stack(mode: str | None = None) -> Stack:
    """Return the stack that the settings describe; `mode` wins over them."""
    paths = load(Paths)
    settings = load(SupervisorSettings)
    ports = load(Ports)
    programs = [_api(ports), _engine(ports, load(EngineSettings))]
    if (mode or load(TradingSettings).mode) == "paper":
        programs.insert(0, _simulator(ports))
    limits = Limits(
        probe_seconds=settings.probe_seconds,
        silent_seconds=settings.silent_seconds,
        ready_seconds=settings.ready_seconds,
        restart_limit=settings.restart_limit,
        restart_window_seconds=settings.restart_window_seconds,
        stable_seconds=settings.stable_seconds,
    )
    return Stack(
        root=paths.root.resolve(),
        var=paths.under_var().resolve(),
        programs=tuple(programs),
        limits=limits,
        host=ports.host,
        engine_user=load(EngineSettings).username,
    )


def _simulator(ports: Ports) -> Program:
    return Program(
        name="simulator",
        command=(sys.executable, "-m", "cerberus.simulator"),
        priority=100,
        ready_url=f"{ports.simulator_url}/sim/health",
        live_url=f"{ports.simulator_url}/sim/health",
        stop_seconds=SIMULATOR_STOP_SECONDS,
        ports=(Port(ports.simulator_port, "CERBERUS_SIMULATOR_PORT"),),
    )


def _api(ports: Ports) -> Program:
    return Program(
        name="api",
        command=(sys.executable, "-m", "api"),
        priority=200,
        ready_url=f"{ports.api_url}/ready",
        live_url=f"{ports.api_url}/live",
        stop_seconds=API_STOP_SECONDS,
        restarts_on_request=True,
        ports=(Port(ports.api_port, "CERBERUS_API_PORT"),),
    )


def _engine(ports: Ports, engine: EngineSettings) -> Program:
    return Program(
        name="engine",
        command=(sys.executable, "-m", "cerberus.engine"),
        priority=300,
        ready_url=f"{ports.engine_url}/health",
        live_url=f"{ports.engine_url}/health",
        # a little more than the engine grants its own tasks; all three together stay below 30 s
        stop_seconds=engine.grace_seconds + 3,
        ports=(
            Port(ports.engine_port, "CERBERUS_ENGINE_PORT"),
            Port(ports.engine_grpc_port, "CERBERUS_ENGINE_GRPC_PORT"),
        ),
    )
