"""Care of an engine: metrics, backup, compaction."""

import json
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import requests

from cerberus.supervisor.schedules import EngineOverHttp
from tests.engine_process import EngineProcess, engine_process
from tests.integration.engine.flows import HELLO, SCHEDULED, python_task


def metrics(engine: EngineProcess) -> dict[str, float]:
    answer = engine.session.get(f"{engine.url}/prometheus", timeout=30)
    assert answer.ok, answer.text
    found = re.findall(r"(?m)^(\w+(?:\{[^}]*\})?) ([-+.\deE]+)$", answer.text)
    return {name: float(value) for name, value in found}


def test_metrics_are_kestras_and_our_own(guarded: EngineProcess) -> None:
    guarded.create_flow(HELLO)
    guarded.create_flow(SCHEDULED)
    guarded.run("t/hello")
    found = metrics(guarded)
    assert any(name.startswith("kestra_executor_") for name in found)
    assert found["cerberus_engine_database_bytes"] > 1000
    assert found["cerberus_engine_broken_flow_files"] == 0
    assert found["cerberus_engine_flow_file_failures_total"] == 0
    assert 0 <= found["cerberus_engine_schedule_lag_seconds"] < 60
    waiting = [value for name, value in found.items() if "queue_lag_seconds" in name]
    assert all(0 <= value < 60 for value in waiting)
    assert found['jvm_memory_used_bytes{area="heap",id="Tenured Gen"}'] > 1000


def test_the_java_machine_records_nothing_into_the_common_folder(guarded: EngineProcess) -> None:
    # the flight recorder's folders are named after the moment and the process
    assert not list(Path(tempfile.gettempdir()).glob(f"*_{guarded.pid}"))


def test_metrics_need_the_credentials(guarded: EngineProcess) -> None:
    assert requests.get(f"{guarded.url}/prometheus", timeout=30).status_code == 401


def cli(engine: EngineProcess, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cerberus.cli", "engine", *words]
    return subprocess.run(
        command, env=engine.environment, capture_output=True, text=True, timeout=120, check=False
    )


def chatty() -> str:
    return python_task("chatty", "seq 1 300")


def test_a_backup_of_the_running_engine_is_whole_and_comes_back(tmp_path: Path) -> None:
    with engine_process(tmp_path / "var") as engine:
        engine.create_flow(HELLO)
        before = engine.run("t/hello", name="before")["id"]
        engine.messages(before, containing="hello before")
        done = cli(engine, "backup")
        assert done.returncode == 0, done.stderr
        backup = Path(done.stdout.split()[0])
        check_backup(backup)

        after = engine.run("t/hello", name="after")["id"]
        refused = cli(engine, "restore", "--yes", str(backup))
        assert refused.returncode == 1
        assert "another engine" in refused.stderr
        blow_up_and_compact(engine)
        engine.stop()
        assert (engine.var / "kestra" / "h2" / "kestra.mv.db").stat().st_size < 8_000_000
        refuse_what_is_not_whole(engine, backup)

        done = cli(engine, "restore", "--yes", str(backup))
        assert done.returncode == 0, done.stderr
        assert list((engine.var / "kestra").glob("before-restore-*/h2/kestra.mv.db"))
        engine.start()
        assert engine.outputs(before) == {"said": "before"}
        engine.messages(before, containing="hello before")
        assert engine.session.get(engine.api(f"executions/{after}"), timeout=30).status_code == 404
        assert engine.run("t/hello")["state"]["current"] == "SUCCESS"


def check_backup(backup: Path) -> None:
    assert backup.stat().st_mode & 0o077 == 0
    command = ["sha256sum", "--check", "--quiet", f"{backup.name}.sha256"]
    subprocess.run(command, cwd=backup.parent, check=True)
    with zipfile.ZipFile(backup) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert set(archive.namelist()) == {*manifest["sha256"], "manifest.json"}
    assert manifest["rows"]["FLOWS"] == 1
    assert manifest["rows"]["EXECUTIONS"] == 1
    assert not list(backup.parent.glob("partial-*"))


def blow_up_and_compact(engine: EngineProcess) -> None:
    engine.create_flow(chatty())
    engine.messages(engine.run("t/chatty")["id"], containing="300")
    file = engine.var / "kestra" / "h2" / "kestra.mv.db"
    before = file.stat().st_size
    done = cli(engine, "compact")
    assert done.returncode == 0, done.stderr
    assert file.stat().st_size < before
    assert engine.run("t/hello")["state"]["current"] == "SUCCESS"


def refuse_what_is_not_whole(engine: EngineProcess, backup: Path) -> None:
    changed = backup.with_name("changed.zip")
    with zipfile.ZipFile(backup) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data[:-1] + b"?" if name.startswith("h2/") else data)
    cut = backup.with_name("cut.zip")
    cut.write_bytes(backup.read_bytes()[:-200])
    for bad, reason in ((changed, "has sha256"), (cut, "no whole backup")):
        done = cli(engine, "restore", "--yes", str(bad))
        assert (done.returncode, reason in done.stderr) == (1, True), done.stderr
        assert not (engine.var / "kestra" / "restoring").exists()


SYSTEM_FLOWS = Path(__file__).resolve().parents[3] / "flows"


def test_the_housekeeping_deletes_what_is_old_backs_up_and_compacts(guarded: EngineProcess) -> None:
    for name in ("shared/cerberus-notify.yaml", "system/cerberus-housekeeping.yaml"):
        guarded.create_flow((SYSTEM_FLOWS / name).read_text())
    guarded.create_flow(HELLO.replace("id: hello", "id: kept", 1))
    kept = guarded.run("t/kept")["id"]
    backups = set((guarded.var / "backup").glob("*.zip"))
    ended = guarded.run("cerberus.system/cerberus-housekeeping")
    states = {run["taskId"]: run["state"]["current"] for run in ended["taskRunList"]}
    assert set(states.values()) == {"SUCCESS"}, (states, guarded.messages(ended["id"]))
    assert len(states) == 7
    assert len(set((guarded.var / "backup").glob("*.zip")) - backups) == 1
    assert guarded.state(kept) == "SUCCESS"  # younger than the retention

    source = (SYSTEM_FLOWS / "system/cerberus-housekeeping.yaml").read_text()
    source = source.replace("id: cerberus-housekeeping", "id: at-once")
    guarded.create_flow(source.replace("-1 * inputs.keep_days, 'DAYS'", "-1, 'SECONDS'"))
    ended = guarded.run("cerberus.system/at-once")
    assert ended["state"]["current"] == "SUCCESS"
    assert guarded.session.get(guarded.api(f"executions/{kept}"), timeout=30).status_code == 404


def test_the_watchdog_sees_and_frees_the_triggers_of_a_real_engine(guarded: EngineProcess) -> None:
    for source in (SCHEDULED, HELLO):  # another test may have brought them
        guarded.session.post(guarded.api("flows"), source, timeout=30)
    over = EngineOverHttp(
        guarded.url, "admin@cerberus.local", guarded.var / "secrets" / "kestra_password"
    )
    limit = time.monotonic() + 10
    while not (mine := [each for each in over.triggers() if each.flow == "scheduled"]):
        assert time.monotonic() < limit
        time.sleep(0.1)
    assert mine[0].name == "t.scheduled.hourly"
    assert (mine[0].locked, mine[0].disabled) == (False, False)
    assert mine[0].next_at is not None
    over.unlock(mine[0])
    assert over.has_ended(guarded.run("t/hello")["id"])
    assert over.has_ended("no-such-execution")
