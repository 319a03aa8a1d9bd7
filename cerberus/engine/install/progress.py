"""Show how an install goes on: a bar on a terminal, plain lines elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def progress(what: str, total: int, console: Console | None) -> Iterator[Callable[[], None]]:
    """Yield a function to call once for each thing that is done; without a console, on stderr."""
    console = console or Console(stderr=True)
    if console.is_terminal:
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
        with Progress(*columns, TimeElapsedColumn(), console=console) as bar:
            task = bar.add_task(what, total=total)
            yield lambda: bar.advance(task)
        return
    console.print(f"{what}: 0 of {total}", highlight=False)
    yield _Lines(what, total, console).advance


class _Lines:
    """Prints a line every few seconds, and the last one always."""

    def __init__(self, what: str, total: int, console: Console) -> None:
        self._what = what
        self._total = total
        self._console = console
        self._done = 0
        self._printed = monotonic()

    def advance(self) -> None:
        self._done += 1
        if self._done < self._total and monotonic() - self._printed < SECONDS_BETWEEN_LINES:
            return
        self._printed = monotonic()
        self._console.print(f"{self._what}: {self._done} of {self._total}", highlight=False)
