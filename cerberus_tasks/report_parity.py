"""Hand Kestra a comparison with the backtest: a table for the log, a text, outputs and metrics.

    python -m cerberus_tasks.report_parity parity.json

The file holds the answer of `GET /api/parity`.
"""

import json
import sys
from pathlib import Path

from cerberus.client.parity import gauges, summary, table


def main(file: str) -> None:
    """Read the answer from the file and print the report."""
    told = json.loads(Path(file).read_text())
    text = summary(told)
    outputs = {
        "is_beyond": told["is_beyond"],
        "text": text,
        "compared": told["counts"]["both"],
        "signals": len(told["rows"]),
        "difference_usd": told["difference_usd"],
    }
    metrics = [{"name": n, "type": "gauge", "value": v} for n, v in gauges(told).items()]
    level = "WARN" if told["is_beyond"] else "INFO"
    logs = [{"level": level, "message": f"\n{table(told)}\n{text}"}]
    print(f"::{json.dumps({'outputs': outputs, 'metrics': metrics, 'logs': logs})}::")


if __name__ == "__main__":
    main(sys.argv[1])
