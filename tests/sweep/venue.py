"""The paper exchange of one case, in a process forked from one that has imported everything."""

import os
import time
import urllib.error
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.simulator_process import ask


def serve(var: str, port: int) -> None:
    """Run the simulator until its process is ended."""
    from cerberus.simulator.__main__ import main

    os.environ.update(
        CERBERUS_VAR=var,
        CERBERUS_SIMULATOR_PORT=str(port),
        CERBERUS_SIMULATOR_CONTROL="true",
    )
    _log_to(Path(var, "simulator.log"))
    main()


def is_ready(port: int, is_alive: Callable[[], bool], seconds: float = 20) -> bool:
    """Wait until it answers; False when its process has ended, or takes too long."""
    deadline = time.monotonic() + seconds
    while is_alive() and time.monotonic() < deadline:
        with suppress(urllib.error.URLError, ConnectionError):
            ask(port, "GET", "/sim/health")
            return is_alive()  # else somebody else's has answered on that port
        time.sleep(0.02)
    return False


def _log_to(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
