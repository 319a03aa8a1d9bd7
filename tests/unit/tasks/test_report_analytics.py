import json
from pathlib import Path
from typing import Any

import pytest

from cerberus_tasks.report_analytics import main

REPORT: dict[str, Any] = {
    "from": "2026-03-01T19:00:00Z",
    "to": "2026-03-02T19:00:00Z",
    "equity_end": "10123.456",
    "open_positions": 1,
    "best": "9.5",
    "worst": "-4",
    "total": {
        "trades": 12,
        "win_rate": "0.583333",
        "profit_factor": "1.7",
        "net": "23.456",
        "expectancy": "1.95",
        "fees": "3.2",
    },
    "ratios": {"sharpe": None, "sortino": 1.234, "calmar": None},
    "drawdown": {"depth_rate": 0.0123, "longest_seconds": 43200.0, "is_recovered": False},
    "costs": {"fees": "3.2", "funding": "-0.1", "slippage_usd": 0.567},
    "exposure": {"time_rate": 0.25},
    "recommendations": [
        {"name": "x", "subject": f"s{number}", "text": "look", "value": 0.5, "limit": 1.0}
        for number in range(7)
    ],
    "report": {"name": "analytics-1", "picture": None},
}


def test_the_summary_has_the_figures_and_what_to_look_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "report.json"
    file.write_text(json.dumps(REPORT))

    main(str(file))

    (line,) = capsys.readouterr().out.splitlines()
    handed = json.loads(line.removeprefix("::").removesuffix("::"))
    assert handed["outputs"]["title"] == "trading from 2026-03-01 19:00 to 2026-03-02 19:00 UTC"
    assert (handed["outputs"]["picture"], handed["outputs"]["trades"]) == ("", 12)
    text = handed["outputs"]["text"].splitlines()
    assert text[:4] == [
        "result +23.46 USD, equity 10123.46 USD",
        "12 closed trades, 1 still open, win rate 58.3%",
        "profit factor 1.70, a trade on average +1.95, best +9.50, worst -4.00",
        "Sharpe not defined, Sortino 1.23, Calmar not defined",
    ]
    assert text[4] == "deepest drawdown 1.2%, longest 0.5 days and going on"
    assert text[6] == "- s0: look (0.5, threshold 1)"
    assert text[-1] == "- and 2 more"
    names = {one["name"] for one in handed["metrics"]}
    assert "sharpe_ratio" not in names
    assert {"name": "net_pnl_usd", "type": "gauge", "value": 23.456} in handed["metrics"]
