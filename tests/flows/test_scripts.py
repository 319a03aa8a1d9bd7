"""What `scripts/health-check.sh` and `scripts/smoke_test.sh` say of a stack, and without one."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from cerberus import secret_files
from tests.flows.pipeline import Stack

pytestmark = [pytest.mark.engine, pytest.mark.stack, pytest.mark.xdist_group("flows")]

ROOT = Path(__file__).resolve().parents[2]


def run(
    module: str, variables: Mapping[str, str], *arguments: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", f"cerberus.commands.{module}", *arguments],
        env=os.environ | dict(variables),
        capture_output=True,
        text=True,
        check=False,
    )


def variables_of(stack: Stack) -> dict[str, str]:
    return stack.api.environment | {"CERBERUS_ENGINE_PORT": str(stack.engine.port)}


def by_url(stack: Stack) -> dict[str, str]:
    """Return what names the engine as another installation's: nothing listens where ours would."""
    secrets = stack.api.var / "secrets"
    return stack.api.environment | {
        "CERBERUS_ENGINE_PORT": "1",
        "CERBERUS_KESTRA_URL": f"{stack.engine.url}/",
        "CERBERUS_KESTRA_USERNAME": "admin@cerberus.local",
        "CERBERUS_KESTRA_PASSWORD": secret_files.read(secrets, "kestra_password"),
        "CERBERUS_KESTRA_WEBHOOK_KEY": secret_files.read(secrets, "webhook_key"),
    }


def nobody(folder: Path) -> dict[str, str]:
    """Return the settings of an installation of which nothing runs."""
    secret_files.ensure(folder / "secrets")
    ports = {f"CERBERUS_{name}_PORT": "1" for name in ("API", "ENGINE", "SIMULATOR")}
    return ports | {"CERBERUS_VAR": str(folder)}


def rows(text: str) -> dict[str, str]:
    """Return the second column by the first."""
    columns = [line.split() for line in text.splitlines()]
    return {line[0]: line[1] for line in columns if len(line) > 1}


def test_a_healthy_stack_is_healthy_in_every_part(flat: Stack) -> None:
    done = run("health_check", variables_of(flat))

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    told = rows(done.stdout.removesuffix("healthy\n"))
    assert {part for part, state in told.items() if state == "ok"} == {
        *("api", "database", "exchange", "simulator", "engine", "schedules", "risk", "disk")
    }


def test_the_long_form_tells_what_holds_entries_back(flat: Stack) -> None:
    flat.api.post("/api/system/maintenance", {"on": True, "reason": "new disk"})
    try:
        done = run("health_check", variables_of(flat), "-v")
    finally:
        flat.api.post("/api/system/maintenance", {"on": False})

    assert "maintenance: new disk" in done.stdout
    assert rows(done.stdout)["follow"] == "ok"


def test_without_a_stack_the_parts_that_do_not_answer_are_named(tmp_path: Path) -> None:
    done = run("health_check", nobody(tmp_path))

    assert done.returncode == 1
    told = rows(done.stdout)
    assert (told["api"], told["engine"], told["exchange"]) == ("CRITICAL", "WARNING", "unknown")
    assert done.stdout.endswith("2 problems\n")


def test_the_smoke_test_passes_on_a_healthy_stack_and_trades_nothing(flat: Stack) -> None:
    before = flat.api.get("/api/trades")[1]["total"]

    done = run("smoke_test", variables_of(flat))

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("8 passed, 0 failed\n")
    assert flat.api.get("/api/trades")[1]["total"] == before


def test_the_smoke_test_fails_step_by_step_without_a_stack(tmp_path: Path) -> None:
    done = run("smoke_test", nobody(tmp_path))

    assert done.returncode == 1
    assert done.stdout.endswith("0 passed, 8 failed\n")
    assert "cannot be reached" in done.stdout


def test_the_integration_test_passes_on_a_healthy_stack_and_trades_nothing(flat: Stack) -> None:
    before = flat.api.get("/api/trades")[1]["total"]

    done = run("kestra_integration", by_url(flat))

    assert done.returncode == 0, done.stdout + done.stderr
    last = done.stdout.splitlines()[-1]
    count = len([line for line in done.stdout.splitlines() if line.startswith("passed")])
    assert last == f"{count} passed, 0 failed"
    flows = {file.stem for file in (ROOT / "flows").glob("*/*.yaml")}
    ran = {line.split()[6] for line in done.stdout.splitlines() if " flow by hand " in line}
    assert {name.rstrip(":") for name in ran} == flows
    assert flat.api.get("/api/trades")[1]["total"] == before
    assert flat.api.get("/health")[1]["blocked_by"] == []
    alerts = flat.api.get("/api/alerts?status=open&limit=200")[1]["alerts"]
    assert [one for one in alerts if "integration" in one["title"]] == []


def test_the_integration_test_fails_step_by_step_without_a_stack(tmp_path: Path) -> None:
    done = run("kestra_integration", nobody(tmp_path))

    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("0 passed, ")
    assert "cannot be reached" in done.stdout


def test_the_integration_test_asks_the_engine_that_is_named(flat: Stack, tmp_path: Path) -> None:
    elsewhere = {
        "CERBERUS_ENGINE_PORT": "1",
        "CERBERUS_KESTRA_URL": flat.engine.url,
        "CERBERUS_KESTRA_USERNAME": "admin@cerberus.local",
        "CERBERUS_KESTRA_PASSWORD": "wrong",
    }
    done = run("kestra_integration", nobody(tmp_path) | elsewhere)

    passed = [line for line in done.stdout.splitlines() if line.startswith("passed")]
    # what needs no right password
    assert ["refuses a stranger" in passed[0], "a wrong key" in passed[1]] == [True, True]
    assert done.stdout.splitlines()[-1].startswith("2 passed, ")


@pytest.mark.parametrize(
    ("script", "argument", "code"),
    [
        ("health-check.sh", "-h", 0),
        ("smoke_test.sh", "--help", 0),
        ("test-kestra-integration.sh", "--help", 0),
        ("test-kestra-integration.sh", "-x", 2),
        ("health-check.sh", "-x", 2),
        ("smoke_test.sh", "-x", 2),
    ],
)
def test_the_scripts_say_how_they_are_used(script: str, argument: str, code: int) -> None:
    command = ["bash", str(ROOT / "scripts" / script), argument]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == code
    assert f"usage: scripts/{script}" in done.stdout + done.stderr
