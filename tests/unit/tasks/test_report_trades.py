import json
from pathlib import Path

import pytest

from cerberus_tasks.report_trades import main


def test_the_report_prints_a_table_and_hands_over_outputs_and_metrics(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trade = {"trade_id": "t1", "symbol": "BTC/USDT", "side": "buy", "status": "open"}
    told = {"signal": {"symbol": "ETH/USDT", "side": "sell"}, "validation": {"valid": True}}
    loop = [
        {"outputs": told | {"answer": trade, "trade": trade}},
        {"outputs": told | {"answer": {"detail": "too much"}}},
    ]
    file = tmp_path / "outcomes.json"
    file.write_text(json.dumps(loop))

    main(str(file))

    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("::{")
    handed = json.loads(line.removeprefix("::").removesuffix("::"))
    rows = handed["logs"][0]["message"].strip().splitlines()
    assert [row.split()[0] for row in rows] == ["symbol", "BTC/USDT", "ETH/USDT"]
    assert handed["outputs"]["trade_ids"] == ["t1"]
    assert (handed["outputs"]["traded"], handed["outputs"]["refused"]) == (1, 1)
    assert {"name": "traded_total", "type": "counter", "value": 1} in handed["metrics"]
