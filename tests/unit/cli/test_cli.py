import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner, Result

from cerberus import secret_files
from cerberus.cli import app
from cerberus.commands.flow import parse_inputs
from cerberus.commands.why import describe
from cerberus.errors import Invalid
from tests.unit.client.answering_server import Answering, answering


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Answering]:
    """A server in place of both the API and the engine, with generated secrets."""
    secret_files.ensure(tmp_path / "secrets")
    with answering() as running:
        port = str(urlsplit(running.url).port)
        monkeypatch.setenv("CERBERUS_VAR", str(tmp_path))
        monkeypatch.setenv("CERBERUS_API_PORT", port)
        monkeypatch.setenv("CERBERUS_ENGINE_PORT", port)
        yield running


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_the_token_is_printed(server: Answering, tmp_path: Path) -> None:
    del server
    plain, admin = run("token").stdout.strip(), run("token", "--admin").stdout.strip()

    assert plain == secret_files.read(tmp_path / "secrets", "api_token")
    assert admin == secret_files.read(tmp_path / "secrets", "admin_token")


def test_a_problem_is_one_line_and_exit_code_one(server: Answering) -> None:
    server.status = 409
    server.text = b'{"title": "Conflict", "detail": "no emergency stop is in force"}'

    found = run("release")

    assert found.exit_code == 1
    assert found.stderr == "error: Conflict (409): no emergency stop is in force\n"


def test_missing_secrets_are_told_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CERBERUS_VAR", str(tmp_path / "nothing"))

    found = run("status")

    assert found.exit_code == 1
    assert found.stderr == "error: secret api_token is missing, run scripts/up to generate it\n"


def test_status_shows_what_blocks_entries(server: Answering) -> None:
    health = {
        "status": "degraded",
        "mode": "paper",
        "version": "1",
        "uptime_seconds": 3.2,
        "entries_allowed": False,
        "blocked_by": ["emergency stop: drill"],
    }
    server.text = json.dumps(health | {"positions": [], "trades": []}).encode()

    found = run("status")

    assert "entries blocked\n  blocked by emergency stop: drill" in found.stdout


def test_the_emergency_stop_asks_first_and_tells_what_it_did(server: Answering) -> None:
    stopped = {
        "status": "flat",
        "recorded": False,
        "reason": "drill",
        "cancelled_orders": 1,
        "closed_positions": 2,
        "open_positions": 0,
        "problems": [],
    }
    server.text = json.dumps(stopped).encode()

    declined = CliRunner().invoke(app, ["emergency-stop"], input="n\n")
    done = run("emergency-stop", "--reason", "drill", "--yes")

    assert declined.exit_code == 1
    assert "positions closed: 2, still open: 0" in done.stdout
    assert "not recorded yet" in done.stdout
    assert [json.loads(asked.body) for asked in server.asked] == [{"reason": "drill"}]


def test_a_write_off_asks_first_and_tells_what_it_did(server: Answering, tmp_path: Path) -> None:
    position = {"symbol": "BTC/USDT:USDT", "dust": "0.05", "net_pnl": "-12.6"}
    server.text = json.dumps(position).encode()

    declined = CliRunner().invoke(app, ["write-off", "p1", "--reason", "a mishap"], input="n\n")
    stated = ("--reason", "a mishap", "--result-usd", "-12.5")
    done = run("write-off", "p1", *stated, "--yes")

    assert declined.exit_code == 1
    assert "written off: BTC/USDT:USDT, 0.05 held by the books alone, net -12.6" in done.stdout
    [asked] = server.asked
    assert json.loads(asked.body) == {
        "position_id": "p1",
        "reason": "a mishap",
        "result_usd": "-12.5",
    }
    admin = secret_files.read(tmp_path / "secrets", "admin_token")
    assert asked.headers["Authorization"] == f"Bearer {admin}"


def test_the_first_step_of_a_release_names_the_second(server: Answering) -> None:
    step = {"status": "confirm", "confirmation": "c-1", "expires_at": "12:00"}
    server.text = json.dumps(step).encode()

    assert run("release").stdout == "to release, until 12:00: cerberus release --confirmation c-1\n"

    server.text = json.dumps(step | {"status": "released", "confirmation": None}).encode()
    assert run("release", "--confirmation", "c-1").stdout.startswith("released")


def test_a_flow_that_is_not_there_is_named(server: Answering) -> None:
    server.text = b'{"results": [], "total": 0}'

    found = run("flow", "run", "nope")

    assert (found.exit_code, found.stderr) == (1, "error: there is no flow nope\n")


@pytest.mark.parametrize("text", ["signal", "=1", ""])
def test_an_input_without_name_and_value_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="--input: expected name=value"):
        parse_inputs([text])


def test_the_value_of_an_input_may_hold_equals_signs() -> None:
    assert parse_inputs(["a=b=c", "d="]) == {"a": "b=c", "d": ""}


def test_a_refusal_is_explained_check_by_check() -> None:
    check = {"name": "spread", "passed": False, "value": "0.01", "limit": "0.003"}
    decision = {"approved": False, "refused_by": "spread", "reason": "too wide", "checks": [check]}
    signal = {"symbol": "BTC/USDT", "side": "buy", "reason": "rsi 27"}
    record = {"signal_id": "s1", "status": "refused", "received_at": "now", "signal": signal}

    text = describe({"signal": record | {"decision": decision}, "trade": None})  # type: ignore[typeddict-item]  # only what is shown

    assert "refused by spread: too wide" in text
    assert "FAILED  spread" in text
    assert "rsi 27" in text


def test_why_tells_what_a_trade_has_really_made() -> None:
    record = {"signal_id": "s1", "status": "traded", "received_at": "now", "decision": None}
    signal = {"symbol": "BTC/USDT:USDT", "side": "buy"}
    money = {"realised_pnl": "3", "fees": "0.5", "funding": "-1.5", "net_pnl": "1.0"}
    apart = {"unvalued_fees": {"GT": "0.2"}, "dust": "0.0006", "dust_value": "2.7"}
    trade = {"trade_id": "t1", "status": "closed", "close_reason": "stop", **money, **apart}

    text = describe(
        {"signal": record | {"signal": signal}, "trade": trade | {"orders": [], "exits": []}}  # type: ignore[typeddict-item]  # only what is shown
    )

    assert "trade t1 closed (stop), profit 3, fees 0.5, funding -1.5, net 1.0" in text
    assert "fees of 0.2 GT are not valued: no price of it is known" in text
    assert "dust of 0.0006 is left, worth 2.7" in text


def test_help_imports_nothing_that_is_slow() -> None:
    code = "import sys, cerberus.cli; print(*{name.split('.')[0] for name in sys.modules})"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    slow = {"pydantic", "pydantic_settings", "http", "asyncio", "ccxt", "sqlalchemy", "fastapi"}
    assert slow.isdisjoint(told.stdout.split())
