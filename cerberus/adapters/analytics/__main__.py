"""Answer one question about the store: read from standard input, pickled to standard output.

`python -m cerberus.adapters.analytics`, which only `process.py` runs.
"""

import gc
import json
import os
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from cerberus.adapters.analytics.reading import snapshot
from cerberus.domain.analytics.columns import Span
from cerberus.domain.analytics.report import Report, report
from cerberus.domain.analytics.tally import Tally

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

#: trades; the start of another process costs as much as counting some thousand
ALONE_UP_TO = 50_000


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


def measure(url: str, span: Span, alone_up_to: int = ALONE_UP_TO) -> Report:
    """Return the statistics of a range; another process helps where it has many trades."""
    with snapshot(url) as reader:
        background, middle = reader.background(span), reader.middle(span, alone_up_to)
    if middle is None:
        tally = count(url, span, span)
    else:
        with _helped(url, span, Span(middle, span.end)) as later:
            tally = count(url, span, Span(span.start, middle))
            tally.join(later.recv())
    return report(tally, background)


def count(url: str, span: Span, part: Span) -> Tally:
    """Return what is counted of a part of a range."""
    tally = Tally(span)
    with snapshot(url) as reader:
        for trades in reader.trades(part):
            tally.add(trades)
    return tally


@contextmanager
def _helped(url: str, span: Span, part: Span) -> Iterator["Connection[None, Tally]"]:
    """Let another process count a part meanwhile, and give the end from which it can be had."""
    # forked: it begins at once, and this process has but one thread
    context = get_context("fork")
    mine, theirs = context.Pipe(duplex=False)
    helper = context.Process(target=_count_for, args=(mine, theirs, url, span, part))
    helper.start()
    theirs.close()
    try:
        yield mine
    finally:
        helper.kill()
        helper.join()


def _count_for(
    unused: "Connection[None, Tally]",
    end: "Connection[Tally, None]",
    url: str,
    span: Span,
    part: Span,
) -> None:
    # else nobody would be told that the asking process is gone
    unused.close()
    end.send(count(url, span, part))


if __name__ == "__main__":
    main()
