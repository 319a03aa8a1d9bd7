"""Hand Kestra what a reconciliation has found: a table for the log, outputs and metrics.

    python -m cerberus_tasks.report_reconciliation report.json

The file holds the answer of `POST /api/reconciliation/run`.
"""

import json
import sys
from pathlib import Path

from cerberus.client.reconciliation import table, verdict


def main(file: str) -> None:
    """Read the answer from the file and print the report."""
    told = json.loads(Path(file).read_text())
    found, counts = verdict(told), told["counts"]
    outputs = {
        "level": found.level,
        "text": found.text,
        "status": "held_back" if found.level else "agrees",
        "foreign": counts.get("foreign", 0),
        "quarantined": len(told["quarantined"]),
        "repaired": counts.get("repaired", 0),
    }
    metrics = [
        {"name": f"{name}_count", "type": "gauge", "value": outputs[name]}
        for name in ("foreign", "quarantined", "repaired")
    ]
    shown = "\n".join(part for part in (table(told), found.text) if part)
    logs = [{"level": "WARN" if found.level else "INFO", "message": f"\n{shown}"}]
    print(f"::{json.dumps({'outputs': outputs, 'metrics': metrics, 'logs': logs})}::")


if __name__ == "__main__":
    main(sys.argv[1])
