import json
from pathlib import Path
from typing import Any

import pytest

from cerberus_tasks import find_problems, report_day

PARTS = ("api", "account", "risk", "simulator", "triggers")


def handed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    (line,) = capsys.readouterr().out.splitlines()
    found: dict[str, Any] = json.loads(line.removeprefix("::").removesuffix("::"))
    return found


def test_problems_are_handed_over_with_the_free_room_of_the_disk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    health = {"status": "healthy", "mode": "live", "blocked_by": []}
    answers = {name: {"code": 200, "body": "{}"} for name in PARTS}
    answers["api"]["body"] = json.dumps(health)
    answers["account"]["code"] = "503"
    (tmp_path / "answers.json").write_text(json.dumps(answers))

    find_problems.main(str(tmp_path / "answers.json"), "0", "0.8")

    told = handed(capsys)
    assert told["outputs"]["status"] == "problems"
    assert [one["part"] for one in told["outputs"]["alerts"]] == ["exchange"]
    assert {one["name"]: one["value"] for one in told["metrics"]}["disk_free_bytes"] > 0


def test_the_day_is_handed_over_as_text_and_metrics(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = {
        "health": {"market_time": "2026-03-01T18:00:00Z"},
        "risk": {"equity": "100", "drawdown_rate": "0"},
        "holdings": {"positions": []},
        "trades": {"trades": []},
    }
    bodies = {name: json.dumps(body) for name, body in answers.items()}
    (tmp_path / "answers.json").write_text(json.dumps(bodies))

    report_day.main(str(tmp_path / "answers.json"))

    told = handed(capsys)
    assert "closed trades: 0" in told["outputs"]["text"]
    assert {"name": "equity_usd", "type": "gauge", "value": 100.0} in told["metrics"]
