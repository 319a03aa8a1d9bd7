"""What a person sees of a start: a live table on a terminal, plain lines elsewhere."""

from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table

from cerberus.supervisor.decisions import Health, Phase
from cerberus.supervisor.stack import Stack
from cerberus.supervisor.state import Event, State

COLOURS = {
    Phase.READY: "green",
    Phase.STARTING: "yellow",
    Phase.RESTARTING: "red",
    Phase.SILENT: "red",
    Phase.GIVEN_UP: "bold red",
    Phase.STOPPED: "dim",
}


class StartDisplay:
    """Shows how the processes become ready; used in a `with`."""

    def __init__(self, console: Console, stack: Stack) -> None:
        self._console = console
        self._stack = stack
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None
        self._told = 0

    def __enter__(self) -> "StartDisplay":
        if self._live is not None:
            self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.__exit__(kind, error, trace)

    def show(self, state: State) -> None:
        """Show the present state."""
        if self._live is not None:
            self._live.update(process_table(self._stack, state), refresh=True)
            return
        self._told = print_events(self._console, state.events, self._told)


def process_table(stack: Stack, state: State) -> Table:
    """Return one row a process."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("process", "state", "pid", "restarts", "address", ""):
        table.add_column(heading)
    for program in stack.programs:
        health = state.health.get(program.name)
        if health is not None:
            pid = state.pids.get(program.name, 0)
            address = program.ready_url.rsplit("/", program.ready_url.count("/") - 2)[0]
            table.add_row(
                program.name,
                f"[{COLOURS[health.phase]}]{health.phase.value.replace('_', ' ')}[/]",
                str(pid or ""),
                str(health.restarts(state.updated_at, stack.limits) or ""),
                address,
                _remark(health),
            )
    return table


def print_events(console: Console, events: Sequence[Event], told: int) -> int:
    """Print the events after number `told`, one line each, and return the last number."""
    for event in events:
        if event.number > told:
            told = event.number
            console.print(event_line(event), highlight=False, markup=False)
    return told


def event_line(event: Event) -> str:
    """Return one event as a line for a person."""
    line = f"{event.at:%H:%M:%S} {event.process:<10} {event.kind.replace('_', ' ')}"
    return f"{line}  {event.detail}" if event.detail else line


def _remark(health: Health) -> str:
    if health.phase in {Phase.RESTARTING, Phase.GIVEN_UP}:
        return health.last_reason
    return ""
