"""Hand Kestra the ids of the positions that an action closes.

    python -m cerberus_tasks.choose_positions close_losing holdings.json

The file holds the answer of `GET /api/holdings`.
"""

import json
import sys
from pathlib import Path

from cerberus.client.holdings import chosen


def main(action: str, file: str) -> None:
    """Read the positions from the file and print the chosen ones."""
    held = json.loads(Path(file).read_text())["positions"]
    outputs = {"position_ids": chosen(action, held)}
    print(f"::{json.dumps({'outputs': outputs})}::")


if __name__ == "__main__":
    main(*sys.argv[1:])
