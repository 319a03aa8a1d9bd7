"""H2's file under interrupts and failed writes and after a kill."""

import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from tests.engine_process import engine_process
from tests.integration.engine.database_script import CONNECT
from tests.integration.engine.flows import HELLO

ROOT = Path(__file__).parents[3]

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine")]

_KILLED = """
first, second = connect(), connect()
states = "enum('CREATED', 'RUNNING')"
first.createStatement().execute(f"create table runs (id int primary key, state {states})")
first.createStatement().execute("create index by_state on runs (state)")
first.createStatement().execute("insert into runs values (1, 'CREATED'), (2, 'RUNNING')")
second.setAutoCommit(False)
second.createStatement().execute("update runs set state = 'CREATED' where id = 2")
# written with the transaction still open
first.createStatement().execute("CHECKPOINT SYNC")
jpype.JClass("java.lang.Runtime").getRuntime().halt(1)
"""

_INTERRUPTED = """
first, second = connect(), connect()
first.createStatement().execute("create table runs (id int primary key)")
for number in range(20):
    jpype.JClass("java.lang.Thread").currentThread().interrupt()
    first.createStatement().execute(f"insert into runs values ({number})")
    jpype.JClass("java.lang.Thread").interrupted()
found = second.createStatement().executeQuery("select count(*) from runs")
found.next()
print(found.getInt(1))
second.createStatement().execute("SHUTDOWN")
"""

_READ = """
print(settle_database(folder), settle_database(folder))
found = connect().createStatement().executeQuery("select state from runs order by id")
while found.next():
    print(found.getString(1))
connect().createStatement().execute("SHUTDOWN")
"""


def test_states_read_right_after_a_kill_with_an_open_transaction(tmp_path: Path) -> None:
    _run(CONNECT + _KILLED, tmp_path, code=1)
    assert _run(CONNECT + _READ, tmp_path).split() == ["True", "False", "CREATED", "RUNNING"]


def test_a_database_that_was_closed_or_does_not_exist_is_left_alone(tmp_path: Path) -> None:
    script = CONNECT + "print(settle_database(folder)); connect().close()"
    assert _run(script + "\nprint(settle_database(folder))", tmp_path).split() == ["False"] * 2


def test_an_interrupted_thread_does_not_close_the_database_for_all(tmp_path: Path) -> None:
    assert _run(CONNECT + _INTERRUPTED, tmp_path).split() == ["20"]


def test_an_engine_that_cannot_write_says_so_and_a_restart_mends_it(tmp_path: Path) -> None:
    with engine_process(tmp_path / "var") as engine:
        engine.create_flow(HELLO)
        before = engine.run("t/hello", name="before")["id"]
        engine.outputs(before)
        assert engine.process is not None
        assert engine.session.get(f"{engine.url}/health", timeout=30).status_code == 200
        database = engine.var / "kestra" / "h2" / "kestra.mv.db"
        # as on a full disk, writes fail: those behind the middle, so that no other file is hit
        _limit_files(engine.process.pid, database.stat().st_size // 2)
        limit = time.monotonic() + 60
        while engine.session.get(f"{engine.url}/health", timeout=60).status_code != 503:
            assert time.monotonic() < limit
            engine.session.post(engine.api("executions/t/hello"), timeout=60)
        engine.kill()

        engine.start()
        assert engine.outputs(before) == {"said": "before"}
        assert engine.run("t/hello")["state"]["current"] == "SUCCESS"


def _limit_files(pid: int, size: int) -> None:
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


def _url(folder: Path) -> str:
    """Return the URL with which the engine opens a database in this folder."""
    configured = yaml.safe_load((ROOT / "kestra" / "application.yml").read_text())
    url = str(configured["datasources"]["h2"]["url"])
    return url.replace("${cerberus.home}/h2", str(folder))


def _run(script: str, folder: Path, *, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder), _url(folder)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == code, done.stderr
    return done.stdout
