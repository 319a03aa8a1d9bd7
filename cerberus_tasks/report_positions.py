"""Hand Kestra what became of each position: a table for the log, outputs and metrics.

    python -m cerberus_tasks.report_positions close_all true before.json after.json

The second word says whether it was a dry run; the files hold the positions as the API told them.
"""

import json
import sys
from pathlib import Path

from cerberus.client.holdings import CLOSED, STILL_OPEN, Course, rows, table


def main(action: str, dry_run: str, before: str, after: str) -> None:
    """Read the positions from the files and print the report."""
    course = Course(action, dry_run == "true", _positions(before), _positions(after))
    found = rows(course)
    outcomes = [row.outcome for row in found]
    counted = {
        "positions": len(found),
        "closed": outcomes.count(CLOSED),
        "still_open": outcomes.count(STILL_OPEN),
    }
    metrics = [{"name": f"{n}_count", "type": "gauge", "value": v} for n, v in counted.items()]
    outputs = {**counted, "table": table(found), "rows": [row._asdict() for row in found]}
    logs = [{"level": "INFO", "message": f"\n{table(found)}" if found else "no open position"}]
    print(f"::{json.dumps({'outputs': outputs, 'metrics': metrics, 'logs': logs})}::")


def _positions(file: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(Path(file).read_text()).get("positions", [])
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
