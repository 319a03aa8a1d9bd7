"""One engine for the benchmarks of Kestra: a folder of its own, started with its trained cache."""

import atexit
import shutil
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import psutil

from tests.engine_process import EngineProcess, engine_process

TRAINING_SECONDS, PATIENCE_SECONDS = 600, 150
TWO_TASKS = """\
id: two-tasks
namespace: bench
inputs: [{id: name, type: STRING, defaults: world}]
tasks:
  - {id: ret, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.name }}"}
  - {id: log, type: io.kestra.plugin.core.log.Log, message: "hello {{ outputs.ret.value }}"}
"""
EACH_SECOND = """\
id: each-second
namespace: bench
tasks: [{id: ret, type: io.kestra.plugin.core.debug.Return, format: "{{ trigger.date }}"}]
triggers:
  - {id: tick, type: io.kestra.plugin.core.trigger.Schedule, cron: "* * * * * *", withSeconds: true}
"""
#: appends its task run to a file, so that a second run of the same task shows
MARKING = """\
id: marking
namespace: bench
tasks:
  - id: mark
    type: io.kestra.plugin.scripts.python.Commands
    taskRunner: {{type: io.kestra.plugin.core.runner.Process}}
    commands: ["echo {{{{ taskrun.id }}}} >> {file}; sleep 0.3"]
  - {{id: log, type: io.kestra.plugin.core.log.Log, message: done}}
"""

_KEPT = ExitStack()
_RUNNING: list[EngineProcess] = []
_STARTS: list[float] = []


def engine() -> EngineProcess:
    """Return the running engine; the first call trains its cache, which takes some minutes."""
    if not _RUNNING:
        atexit.register(_KEPT.close)
        folder = Path(tempfile.mkdtemp(prefix="cerberus-bench-"))
        _KEPT.callback(shutil.rmtree, folder, ignore_errors=True)
        training = {
            "CERBERUS_ENGINE_TRAIN_CACHE": "true",
            "CERBERUS_ENGINE_TRAIN_AFTER_SECONDS": "1",
        }
        made = _KEPT.enter_context(engine_process(folder / "var", environment=training))
        _until_trained(made)
        made.create_flow(TWO_TASKS)
        _RUNNING.append(made)
    return _RUNNING[0]


def start_seconds(times: int = 3) -> list[float]:
    """Return how long starts took, from the process to a ready engine."""
    running = engine()
    while len(_STARTS) < times:
        running.stop()
        began = time.monotonic()
        running.start()
        _STARTS.append(time.monotonic() - began)
    return _STARTS


def run_seconds(running: EngineProcess) -> float:
    """Return how long the two-task flow takes, client to client."""
    began = time.perf_counter()
    ended = running.run("bench/two-tasks")
    assert ended["state"]["current"] == "SUCCESS", ended["state"]
    return time.perf_counter() - began


def resident_megabytes(running: EngineProcess) -> float:
    """Return the resident memory of the engine's process."""
    return float(psutil.Process(running.pid).memory_info().rss) / 1e6


def _until_trained(running: EngineProcess) -> None:
    began = asked = time.monotonic()
    text = ""
    while "cache trained" not in text and "ahead-of-time cache: -XX" not in text:
        assert time.monotonic() - began < TRAINING_SECONDS, f"no cache after {TRAINING_SECONDS} s"
        assert "cache failed" not in text, text[-2000:]
        if time.monotonic() - asked > PATIENCE_SECONDS:
            # engines train one after the other: where another one did, a start finds its cache
            running.stop()
            running.start()
            asked = time.monotonic()
        time.sleep(1)
        text = running.log.read_text()
