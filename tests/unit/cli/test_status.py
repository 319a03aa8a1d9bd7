"""`cerberus status` says something of use also when the API does not answer."""

import json
from pathlib import Path

import pytest

from cerberus.commands.status import describe, describe_processes, show_status
from cerberus.errors import Transient


def test_a_position_is_told_with_a_price_that_can_be_read() -> None:
    health = {"status": "healthy", "mode": "paper", "version": "1", "uptime_seconds": 3.2}
    health |= {"entries_allowed": True, "blocked_by": []}
    held = {"symbol": "ETH/USDT:USDT", "side": "sell", "quantity": "8.42"}
    held |= {"entry_price": "350.5141923990498812351543943"}
    told = describe(health, [held], [])  # type: ignore[arg-type, list-item]  # what is read
    assert "  ETH/USDT:USDT sell 8.42 from 350.51419\n" in told


def test_processes_are_told_as_the_supervisor_sees_them(tmp_path: Path) -> None:
    file = tmp_path / "supervisor.json"
    api = {"state": "restarting", "since": "2026-01-01T12:00:00.123Z"}
    api |= {"last_reason": "exit status 0, as asked"}
    file.write_text(json.dumps({"updated_at": "2026-01-01T12:00:01Z", "processes": {"api": api}}))
    assert describe_processes(file).splitlines() == [
        "  the supervisor, at 2026-01-01T12:00:01Z:",
        "  api is restarting since 2026-01-01T12:00:00Z (exit status 0, as asked)",
    ]


@pytest.mark.parametrize("text", [None, "{", "[]", '{"processes": 3}'])
def test_without_a_supervisor_it_says_how_to_start(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "supervisor.json"
    if text is not None:
        file.write_text(text)
    assert "scripts/up starts everything" in describe_processes(file)


def test_an_api_that_is_down_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "api_token").write_text("a-token")
    monkeypatch.setenv("CERBERUS_VAR", str(tmp_path))
    monkeypatch.setenv("CERBERUS_API_PORT", "1")
    with pytest.raises(Transient, match=r"cannot be reached.*\n.*scripts/up"):
        show_status()
