"""When an engine refuses to start, and that a bad cache does not stop it."""

import json
import socket
import time
from pathlib import Path

import psutil
import pytest

from cerberus.engine.install import require_installed
from cerberus.engine.training.aot import aot_cache
from cerberus.settings import EngineSettings, Paths
from tests.engine_process import EngineProcess, engine_process
from tests.integration.engine.flows import HELLO


def refusal(engine: EngineProcess) -> str:
    """Start an engine that must not come up and return what it says."""
    known = len(engine.log.read_text()) if engine.log.exists() else 0
    engine.start(wait=False)
    assert engine.process is not None
    assert engine.process.wait(30) == 1
    return engine.log.read_text()[known:]


def test_a_second_engine_on_the_same_folder_is_refused(
    engine: EngineProcess, tmp_path: Path
) -> None:
    with engine_process(engine.var, flows=tmp_path, start=False) as second:
        said = refusal(second)
    assert "another engine (process" in said
    assert str(engine.pid) in said
    assert engine.session.get(f"{engine.url}/health", timeout=30).ok


def test_a_taken_port_is_refused_with_the_variable_to_change(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for name in ("CERBERUS_ENGINE_PORT", "CERBERUS_ENGINE_GRPC_PORT"):
            with engine_process(tmp_path / name, start=False, environment={name: port}) as engine:
                assert f"port {port} of 127.0.0.1 is taken, set {name}" in refusal(engine)


def own_cache(folder: Path) -> Path:
    """Return a cache of its own that shares the jars' content with the real one."""
    real = require_installed(Paths(), EngineSettings())
    assert real is not None
    for path in real.cache.rglob("*"):
        if path.is_file() and path.suffix in (".jar", ".json") and "aot" not in path.parts:
            target = folder / "engine" / path.relative_to(real.cache)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(path) if path.suffix == ".jar" else target.write_bytes(
                path.read_bytes()
            )
    return folder


@pytest.mark.long
def test_a_broken_ahead_of_time_cache_does_not_prevent_a_start(tmp_path: Path) -> None:
    settings = EngineSettings(cache=own_cache(tmp_path / "cache"))
    installation = require_installed(Paths(), settings)
    assert installation is not None
    cache = aot_cache(installation, settings.heap_megabytes)
    cache.file.parent.mkdir(parents=True)
    cache.file.write_bytes(b"\0" * 4096)
    found = cache.file.stat()
    cache.stamp.write_text(json.dumps([found.st_size, found.st_mtime_ns]))
    assert cache.is_usable()
    environment = {"CERBERUS_ENGINE_CACHE": str(tmp_path / "cache")}
    with engine_process(tmp_path / "var", environment=environment) as engine:
        engine.create_flow(HELLO)
        assert engine.run("t/hello")["state"]["current"] == "SUCCESS"


@pytest.mark.long
def test_the_first_start_trains_a_cache_which_the_next_one_uses(tmp_path: Path) -> None:
    settings = EngineSettings(cache=own_cache(tmp_path / "cache"))
    installation = require_installed(Paths(), settings)
    assert installation is not None
    cache = aot_cache(installation, settings.heap_megabytes)
    environment = {
        "CERBERUS_ENGINE_CACHE": str(tmp_path / "cache"),
        "CERBERUS_ENGINE_TRAIN_CACHE": "true",
        "CERBERUS_ENGINE_TRAIN_AFTER_SECONDS": "1",
    }
    with engine_process(tmp_path / "var", environment=environment) as engine:
        limit = time.monotonic() + 200
        while not cache.is_usable():
            assert time.monotonic() < limit, engine.log.read_text()[-2000:]
            time.sleep(1)
        assert not list(cache.file.parent.glob("train-*/var"))
        engine.stop()
        engine.start()
        assert f"-XX:AOTCache={cache.file}" in engine.log.read_text()
        engine.create_flow(HELLO)
        assert engine.run("t/hello")["state"]["current"] == "SUCCESS"


@pytest.mark.long
def test_a_stop_ends_a_training_that_is_under_way(tmp_path: Path) -> None:
    environment = {
        "CERBERUS_ENGINE_CACHE": str(own_cache(tmp_path / "cache")),
        "CERBERUS_ENGINE_TRAIN_CACHE": "true",
        "CERBERUS_ENGINE_TRAIN_AFTER_SECONDS": "0",
    }
    with engine_process(tmp_path / "var", environment=environment) as engine:
        limit = time.monotonic() + 60
        while not (children := psutil.Process(engine.pid).children(recursive=True)):
            assert time.monotonic() < limit, "no training began"
            time.sleep(0.05)
        assert engine.stop() < 30
        assert not any(child.is_running() for child in children)
        assert not list((tmp_path / "cache" / "engine" / "aot").glob("train-*"))
