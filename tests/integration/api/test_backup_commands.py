"""`cerberus backup` and `cerberus restore` beside a real API, and without one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api_process import ApiProcess, api_process, trading_pair
from tests.full_disk import has_small_disks, small_disk
from tests.integration.trading.steps import ROOMY, Pair
from tests.invariants import broken_invariants
from tests.simulator_process import simulator_process

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("api")]


def cerberus(api: ApiProcess, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "cerberus.cli", *arguments],
        env=os.environ | api.environment | more,
        capture_output=True,
        text=True,
        check=False,
    )


def backups(api: ApiProcess) -> list[Path]:
    return sorted((api.var / "backup").glob("cerberus-*.db"))


def test_a_backup_goes_through_the_api_that_runs(pair: Pair) -> None:
    done = cerberus(pair.api, "backup")

    assert (done.returncode, done.stderr) == (0, "")
    newest = pair.api.get("/api/system/backups")[1]["backups"][0]
    assert done.stdout.startswith(f"{newest['file']} {newest['bytes']} bytes, sha256 ")
    assert newest["sha256"] in done.stdout


def test_a_restore_is_refused_beside_an_api(pair: Pair) -> None:
    file = pair.api.var / "backup" / pair.api.post("/api/system/backup")[1]["file"]
    signals = pair.api.get("/api/signals")[1]["total"]

    done = cerberus(pair.api, "restore", str(file), "--yes")

    assert done.returncode == 78
    assert "another API runs on this state" in done.stderr
    assert pair.api.get("/api/signals")[1]["total"] == signals
    assert not list((pair.api.var / "data").glob("before-restore-*"))


def test_a_restore_asks_first(pair: Pair) -> None:
    file = pair.api.var / "backup" / pair.api.post("/api/system/backup")[1]["file"]

    done = cerberus(pair.api, "restore", str(file))

    assert done.returncode == 1
    assert f"replace the state of trading by {file.name}?" in done.stdout


def test_another_database_is_told_to_use_its_own_tools(pair: Pair) -> None:
    elsewhere = {
        "CERBERUS_DATABASE_URL": "postgresql+psycopg://cerberus@127.0.0.1:1/postgres",
        "CERBERUS_API_PORT": "1",
    }

    done = cerberus(pair.api, "backup", **elsewhere)

    assert done.returncode == 1
    assert "pg_dump and pg_restore" in done.stderr


def test_a_state_with_a_position_is_restored_and_traded_on(tmp_path: Path) -> None:
    with trading_pair(tmp_path / "var", **ROOMY) as (simulator, api):
        pair = Pair(simulator, api)
        held = pair.enter(quantity="0.05")
        api.stop()
        direct = cerberus(api, "backup")
        assert direct.returncode == 0, direct.stderr
        (file,) = backups(api)
        assert direct.stdout.startswith(file.name)
        api.start()
        told = api.post("/api/signals", pair.signal(symbol="ETHUSDT", quantity="0.5"))[1]
        api.kill()

        content = file.read_bytes()
        file.write_bytes(content[:-1] + b"\x01")
        refused = cerberus(api, "restore", str(file), "--yes")
        file.write_bytes(content)
        done = cerberus(api, "restore", str(file), "--yes")

        assert (refused.returncode, done.returncode) == (1, 0), refused.stderr + done.stderr
        assert "expected" in refused.stderr
        assert len(list((api.var / "data").glob("before-restore-*.db"))) == 1
        api.start()
        assert api.get("/api/signals?limit=500")[1]["total"] == 1
        assert api.get(f"/api/why/{told['signal_id']}")[0] == 404
        assert pair.trade(held["trade_id"])["status"] == "open"
        assert broken_invariants(simulator, api) == []
        assert pair.close(held["trade_id"])[0] in (200, 202)


def test_a_backup_that_would_fill_the_disk_is_refused_and_trading_goes_on(tmp_path: Path) -> None:
    if not has_small_disks(tmp_path):
        pytest.skip("this machine lets nobody mount a disk of his own")
    wrapper = small_disk(tmp_path / "var" / "backup")
    with (
        simulator_process(tmp_path / "var") as simulator,
        api_process(simulator, until_ready=True, wrapper=wrapper, **ROOMY) as api,
    ):
        status, told = api.post("/api/system/backup")

        assert status == 503
        assert "a backup needs" in told["detail"]
        assert api.get("/api/system/backups")[1] == {"backups": [], "total": 0}
        assert Pair(simulator, api).send(quantity="0.05")[0] == 201
