"""The paper exchange of one case, in a process forked from one that has imported everything."""

import os
import time
import urllib.error
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


def wait_until_ready(port: int, seconds: float = 20) -> None:
    """Return once it answers."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            ask(port, "GET", "/sim/health")
            return
        except (urllib.error.URLError, ConnectionError):
            assert time.monotonic() < deadline, "the simulator did not start"
            time.sleep(0.02)


def _log_to(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
