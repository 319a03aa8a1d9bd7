"""One engine for all tests that only talk to it; those that hurt it start their own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine_process import EngineProcess, engine_process, kestra_client
from tests.integration.engine.roots import SECRETS, own_root
from tests.kestrapy_calls import Watch, WatchedClient, watch_parsing


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.engine)
            # two engines at once are more than two cores carry
            item.add_marker(pytest.mark.xdist_group("engine"))


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """Return an engine without flows of its own, shared by many tests."""
    with engine_process(tmp_path_factory.mktemp("shared") / "var") as running:
        yield running


@pytest.fixture(scope="package")
def watch() -> Watch:
    """Return what is known of the official client's calls."""
    return Watch()


@pytest.fixture(scope="package")
def kestra(engine: EngineProcess, watch: Watch) -> Iterator[Any]:
    """Return the official client for the shared engine, watched."""
    with kestra_client(engine) as client:
        from kestrapy.base_api import BaseApi

        restore = watch_parsing(BaseApi, watch)
        yield WatchedClient(client, watch)
        restore()


@pytest.fixture(autouse=True)
def called_what_it_says(request: pytest.FixtureRequest, watch: Watch) -> Iterator[None]:
    """Fail a test that names a call of the client and did not make it, or could not parse it."""
    watch.forget()
    yield
    named = {name for mark in request.node.iter_markers("kestrapy") for name in mark.args}
    assert named <= watch.called, f"not called: {sorted(named - watch.called)}"
    assert watch.unparsed == []


@pytest.fixture(scope="package")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """Return an engine with a root of its own, secrets in its files, and tight limits for tasks."""
    folder = tmp_path_factory.mktemp("guarded")
    lines = [f"{name}={SECRETS[name]}" for name in ("TOKEN", "ROTATED")]
    root = own_root(folder, "\n".join(lines))
    (root / "kestra" / "secrets").mkdir()
    (root / "kestra" / "secrets" / "PLAIN").write_text(SECRETS["PLAIN"] + "\n")
    environment = {
        "CERBERUS_ROOT": str(root),
        "CERBERUS_ENGINE_TASK_MEMORY_MEGABYTES": "200",
        "CERBERUS_ENGINE_TASK_OUTPUT_KILOBYTES": "256",
        "CERBERUS_ENGINE_TASK_OUTPUT_LINES": "500",
    }
    with engine_process(folder / "var", environment=environment) as running:
        yield running
