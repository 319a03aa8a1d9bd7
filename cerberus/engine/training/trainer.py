"""Train the ahead-of-time cache in the background, in a process of its own that yields to all."""

import fcntl
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from cerberus.engine.training.aot import AotCache

LIMIT_SECONDS = 420.0

_log = logging.getLogger(__name__)


class Trainer:
    """One training run after a delay; `stop` ends it at any time."""

    def __init__(self, cache: AotCache, digest: str, delay_seconds: float) -> None:
        self._cache = cache
        self._digest = digest
        self._delay = delay_seconds
        self._stopped = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin to wait."""
        self._thread.start()

    def stop(self) -> None:
        """End the training, if one runs, and its whole process group."""
        self._stopped.set()
        child = self._child
        if child is not None and child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        if self._thread.is_alive():
            self._thread.join(5.0)

    def _run(self) -> None:
        if self._stopped.wait(self._delay):
            return
        folder = self._cache.file.parent
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "train.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # another engine trains; the next start finds its cache or trains then
            for stale in folder.glob("train-*"):  # of engines that were killed
                shutil.rmtree(stale, ignore_errors=True)
            with tempfile.TemporaryDirectory(
                prefix="train-", dir=folder, ignore_cleanup_errors=True
            ) as scratch:
                self._train(Path(scratch))

    def _train(self, scratch: Path) -> None:
        output = scratch / "trained.aot"
        with (scratch / "log").open("wb") as log:
            self._child = subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-m", "cerberus.engine", "train", str(output), self._digest],
                env={**os.environ, **_environment(scratch)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            code = self._wait(self._child)
        if self._stopped.is_set():
            return
        if code == 0 and output.exists():
            self._cache.accept(output)
            _log.info("ahead-of-time cache trained bytes=%d", self._cache.file.stat().st_size)
            return
        tail = (scratch / "log").read_text(errors="replace")[-2000:]
        _log.warning("training of the ahead-of-time cache failed code=%s: %s", code, tail)

    def _wait(self, child: subprocess.Popen[bytes]) -> int:
        try:
            return child.wait(LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            return child.wait()


def _environment(scratch: Path) -> dict[str, str]:
    return {
        "CERBERUS_VAR": str(scratch / "var"),
        "CERBERUS_ENGINE_FLOWS": "kestra/training",
        "CERBERUS_ENGINE_PORT": str(_free_port()),
        "CERBERUS_ENGINE_GRPC_PORT": str(_free_port()),
        "CERBERUS_ENGINE_TRAIN_CACHE": "false",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
