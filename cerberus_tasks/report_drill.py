"""Hand Kestra what a restore drill has found: a table for the log, outputs and metrics.

    python -m cerberus_tasks.report_drill drill.json

The file holds the API's answer.
"""

import json
import sys
from pathlib import Path

from cerberus.client.drills import failed, table


def main(file: str) -> None:
    """Read the answer from the file and print the report."""
    drill = json.loads(Path(file).read_text())
    wrong, shown = failed(drill["checks"]), table(drill["checks"])
    level = "ERROR" if wrong else "INFO"
    report = {
        "outputs": {"file": drill["file"], "failed": wrong, "table": shown},
        "metrics": [
            {"name": "failed_checks_count", "type": "gauge", "value": len(wrong)},
            {"name": "drill_seconds", "type": "gauge", "value": drill["seconds"]},
        ],
        "logs": [{"level": level, "message": f"\n{drill['file']}\n{shown}"}],
    }
    print(f"::{json.dumps(report)}::")


if __name__ == "__main__":
    main(*sys.argv[1:])
