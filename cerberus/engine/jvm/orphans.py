"""End task processes that a dead engine left behind; they would go on trading unseen."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import psutil

from cerberus.engine.reports import EndedProcess

TERM_SECONDS = 2.0

#: Kestra tells each task its working folder in this variable; children inherit it
_VARIABLE = "WORKING_DIR"
_log = logging.getLogger(__name__)


def end_orphans(tmp: Path) -> list[EndedProcess]:
    """End every process of this user that works below the engine's own folder for tasks.

    Call it while no engine runs on the folder.
    """
    orphans = list(_working_below(tmp.resolve()))
    ended = []
    for process in orphans:
        ended.append(EndedProcess(process.pid, _command(process)))
        _signal(process, kill=False)
    _, alive = psutil.wait_procs(orphans, timeout=TERM_SECONDS)
    for process in alive:
        _signal(process, kill=True)
    psutil.wait_procs(alive, timeout=TERM_SECONDS)
    for each in ended:
        _log.warning("ended orphaned task process pid=%s command=%r", each.pid, each.command)
    return ended


def _working_below(tmp: Path) -> Iterator[psutil.Process]:
    ourselves = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    user = os.getuid()
    for process in psutil.process_iter():
        try:
            if process.pid in ourselves or process.uids().real != user:
                continue
            places = (process.cwd(), process.environ().get(_VARIABLE, ""))
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
        # the folder of a task may be gone already: its name is still told
        if any(tmp in Path(place.removesuffix(" (deleted)")).parents for place in places if place):
            yield process


def _command(process: psutil.Process) -> str:
    try:
        return Path(process.exe()).name
    except psutil.Error:
        return "unknown"


def _signal(process: psutil.Process, *, kill: bool) -> None:
    try:
        process.kill() if kill else process.terminate()
    except psutil.NoSuchProcess:
        return
