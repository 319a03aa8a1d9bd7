import json
from pathlib import Path

import pytest

from cerberus_tasks import choose_positions, report_positions

HELD = {
    "position_id": "p1",
    "symbol": "BTC/USDT",
    "side": "buy",
    "quantity": "1",
    "entry_price": "100",
    "price": "90",
    "result": "-10",
}


@pytest.fixture
def before(tmp_path: Path) -> str:
    file = tmp_path / "before.json"
    file.write_text(json.dumps({"positions": [HELD], "total": 1}))
    return str(file)


def handed(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    (line,) = capsys.readouterr().out.splitlines()
    found: dict[str, object] = json.loads(line.removeprefix("::").removesuffix("::"))
    return found


def test_the_chosen_ids_are_handed_over(before: str, capsys: pytest.CaptureFixture[str]) -> None:
    choose_positions.main("close_losing", before)

    assert handed(capsys)["outputs"] == {"position_ids": ["p1"]}


def test_the_report_hands_over_a_table_and_counts(
    tmp_path: Path, before: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "after.json").write_text("{}")

    report_positions.main("close_all", "false", before, str(tmp_path / "after.json"))

    told = handed(capsys)
    outputs = told["outputs"]
    assert isinstance(outputs, dict)
    assert (outputs["closed"], outputs["still_open"], outputs["positions"]) == (1, 0, 1)
    assert "closed" in outputs["table"]
    assert {"name": "closed_count", "type": "gauge", "value": 1} in told["metrics"]  # type: ignore[operator]  # a list, as written
