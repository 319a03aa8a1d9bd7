"""H2's file after a kill with an open transaction; each Java machine in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine")]

_START = """
import sys
from pathlib import Path
import jpype
from cerberus.engine.install.install import require_installed
from cerberus.engine.jvm.database import settle_database
from cerberus.engine.jvm.machine import library
from cerberus.settings import EngineSettings, Paths, load
folder = Path(sys.argv[1])
jars = [str(jar) for jar in require_installed(load(Paths), load(EngineSettings)).class_path]
flag = "--enable-native-access=ALL-UNNAMED"
jpype.startJVM(str(library()), flag, classpath=jars, convertStrings=True)
properties = jpype.JClass("java.util.Properties")()
properties.setProperty("user", "kestra")
properties.setProperty("password", "")
url = f"jdbc:h2:file:{folder / 'kestra'};MODE=LEGACY;WRITE_DELAY=0"
def connect():
    return jpype.JClass("org.h2.Driver")().connect(url, properties)
"""

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

_READ = """
print(settle_database(folder), settle_database(folder))
found = connect().createStatement().executeQuery("select state from runs order by id")
while found.next():
    print(found.getString(1))
connect().createStatement().execute("SHUTDOWN")
"""


def test_states_read_right_after_a_kill_with_an_open_transaction(tmp_path: Path) -> None:
    _run(_START + _KILLED, tmp_path, code=1)
    assert _run(_START + _READ, tmp_path).split() == ["True", "False", "CREATED", "RUNNING"]


def test_a_database_that_was_closed_or_does_not_exist_is_left_alone(tmp_path: Path) -> None:
    script = _START + "print(settle_database(folder)); connect().close()"
    assert _run(script + "\nprint(settle_database(folder))", tmp_path).split() == ["False"] * 2


def _run(script: str, folder: Path, *, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == code, done.stderr
    return done.stdout
