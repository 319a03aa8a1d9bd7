"""Answer one question about the store: read from standard input, pickled to standard output.

`python -m cerberus.adapters.analytics`, which only `process.py` runs.
"""

import gc
import json
import os
import pickle
import sys
from datetime import datetime
from pathlib import Path

from cerberus.adapters.analytics.reading import snapshot
from cerberus.domain.analytics.columns import Span
from cerberus.domain.analytics.report import Report, report
from cerberus.domain.analytics.tally import Tally


def main() -> None:
    """Measure a range, and draw its report where a folder is told."""
    os.nice(5)
    # this process lives for seconds, and nothing that it makes refers to itself
    gc.disable()
    asked = json.load(sys.stdin)
    span = Span(datetime.fromisoformat(asked["start"]), datetime.fromisoformat(asked["end"]))
    found = measure(asked["url"], span)
    if asked.get("folder"):
        # a report needs much more than its figures do
        from cerberus.adapters.analytics.drawing import draw

        draw(found, Path(asked["folder"]), asked["name"])
    sys.stdout.buffer.write(pickle.dumps(found))


def measure(url: str, span: Span) -> Report:
    """Return the statistics of a range."""
    with snapshot(url) as reader:
        tally = Tally(span, reader.background(span))
        for trades in reader.trades(span):
            tally.add(trades)
    return report(tally)


if __name__ == "__main__":
    main()
