"""Hand Kestra the day in figures: a text for people, outputs and metrics.

    python -m cerberus_tasks.report_day answers.json

The file holds the answers of the API: `health`, `risk`, `holdings` and `trades`.
"""

import json
import sys
from pathlib import Path

from cerberus.client.daily import day, describe


def main(file: str) -> None:
    """Read the answers from the file and print the report."""
    told = {name: json.loads(body) for name, body in json.loads(Path(file).read_text()).items()}
    found = day(
        told["health"], told["risk"], told["holdings"]["positions"], told["trades"]["trades"]
    )
    gauges = {
        "closed_trades_count": found.trades,
        "net_pnl_usd": float(found.net_pnl),
        "equity_usd": float(found.equity),
        "drawdown_ratio": float(found.drawdown_rate),
    }
    metrics = [{"name": n, "type": "gauge", "value": v} for n, v in gauges.items()]
    outputs = {"text": describe(found), "closed_trades": found.trades}
    logs = [{"level": "INFO", "message": f"\n{describe(found)}"}]
    print(f"::{json.dumps({'outputs': outputs, 'metrics': metrics, 'logs': logs})}::")


if __name__ == "__main__":
    main(sys.argv[1])
