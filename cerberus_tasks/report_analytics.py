"""Hand Kestra a report in a few lines: a text for people, its picture, outputs and metrics.

    python -m cerberus_tasks.report_analytics report.json

The file holds the answer of `POST /api/reports`.
"""

import json
import sys
from pathlib import Path

from cerberus.client.analytics import describe, gauges, title


def main(file: str) -> None:
    """Read the answer from the file and print the report."""
    told = json.loads(Path(file).read_text())
    outputs = {
        "title": title(told),
        "text": describe(told),
        "report": told["report"]["name"],
        "picture": told["report"]["picture"] or "",
        "trades": told["total"]["trades"],
        "recommendations": told["recommendations"],
    }
    metrics = [{"name": n, "type": "gauge", "value": v} for n, v in gauges(told).items()]
    logs = [{"level": "INFO", "message": f"\n{title(told)}\n{describe(told)}"}]
    print(f"::{json.dumps({'outputs': outputs, 'metrics': metrics, 'logs': logs})}::")


if __name__ == "__main__":
    main(sys.argv[1])
