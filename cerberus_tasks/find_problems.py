"""Hand Kestra what is wrong in what the parts of the system answered, and how full the disk is.

    python -m cerberus_tasks.find_problems answers.json 1.5 0.8

The file holds code and body by part; then come the GiB that have to be free, and the share of a
limit from which on it counts as near.
"""

import json
import shutil
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from cerberus.client.monitoring import Seen, read_answer, report


def main(file: str, free_gibibytes: str, near_share: str) -> None:
    """Read the answers from the file and print what is wrong."""
    told = json.loads(Path(file).read_text())
    seen = Seen(
        **{name: read_answer(answer) for name, answer in told.items()},
        free_bytes=shutil.disk_usage(".").free,
        free_bytes_limit=int(Decimal(free_gibibytes) * 2**30),
        near_share=Decimal(near_share),
        now=datetime.now(UTC),
    )
    print(f"::{json.dumps(report(seen))}::")


if __name__ == "__main__":
    main(*sys.argv[1:])
