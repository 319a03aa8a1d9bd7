"""Hand Kestra what became of each signal: a table for the log, outputs and metrics.

    python -m cerberus_tasks.report_trades outcomes.json

The file holds the outputs of the pipeline's loop: a list of `{"outputs": {"signal": ...}}`.
"""

import json
import sys
from pathlib import Path

from cerberus.client.outcomes import counts, read_outcome, table


def main(file: str) -> None:
    """Read the outcomes from the file and print the report."""
    outcomes = [read_outcome(one["outputs"]) for one in json.loads(Path(file).read_text())]
    counted = counts(outcomes)
    metrics = [
        {"name": f"{name}_total", "type": "counter", "value": value}
        for name, value in counted.items()
    ]
    outputs = {**counted, "trade_ids": [one.trade_id for one in outcomes if one.trade_id]}
    # one entry of the log: lines of the same millisecond would come out in any order
    logs = [{"level": "INFO", "message": f"\n{table(outcomes)}"}]
    print(f"::{json.dumps({'outputs': outputs, 'metrics': metrics, 'logs': logs})}::")


if __name__ == "__main__":
    main(sys.argv[1])
