"""`cerberus flow run`, `flow logs` and `flow validate`."""

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cerberus.commands.process_edge import reporting
from cerberus.errors import Invalid, NotFound

if TYPE_CHECKING:
    from cerberus.client.kestra import Execution, KestraClient, LogLine

flow_commands = typer.Typer(help="Run and check flows, read their logs.", no_args_is_help=True)

_POLL_SECONDS = 0.2
#: the engine writes the last lines a moment after the execution has ended
_LOG_DELAY_SECONDS = 0.5
_SUCCESSFUL = frozenset({"SUCCESS", "WARNING", "SKIPPED"})
_DETAILS = frozenset({"TRACE", "DEBUG"})


@flow_commands.command("run")
def run_flow(
    flow_id: Annotated[
        str, typer.Argument(metavar="FLOW_ID", help="Such as cerberus-trading-pipeline.")
    ],
    inputs: Annotated[
        list[str] | None, typer.Option("--input", help="name=value, repeatable.")
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the end and print the log.")
    ] = False,
) -> None:
    """Start a flow; with --wait the exit code is 1 when it fails."""
    from cerberus.commands.connections import kestra_client

    with reporting(), kestra_client() as kestra:
        namespace = kestra.find_flow(flow_id)
        if namespace is None:
            raise NotFound(f"there is no flow {flow_id}")
        execution = kestra.run(namespace, flow_id, parse_inputs(inputs or []))
        if not wait:
            typer.echo(f"{execution.id} {execution.state}")
            return
        ended = _wait(kestra, execution)
        _print_logs(kestra.logs(ended.id), details=False)
        typer.echo(f"{ended.id} {ended.state}")
        if ended.state not in _SUCCESSFUL:
            raise typer.Exit(1)


@flow_commands.command("logs")
def show_logs(
    execution_id: Annotated[str, typer.Argument(metavar="EXECUTION_ID")],
    details: Annotated[bool, typer.Option("--details", help="Lines for debugging too.")] = False,
) -> None:
    """Print the log of an execution."""
    from cerberus.commands.connections import kestra_client

    with reporting(), kestra_client() as kestra:
        execution = kestra.execution(execution_id)
        _print_logs(kestra.logs(execution_id), details=details)
        typer.echo(f"{execution.id} {execution.state}")


@flow_commands.command("validate")
def validate_flows(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH...", help="Files or folders; without one, all flows."),
    ] = None,
) -> None:
    """Check flow files with the engine's own parser; no engine needs to run."""
    command = [sys.executable, "-m", "cerberus.engine", "validate"]
    paths = [path.resolve() for path in paths or []]
    done = subprocess.run([*command, *paths], check=False)  # noqa: S603 - ourselves
    raise typer.Exit(done.returncode)


def parse_inputs(texts: list[str]) -> dict[str, str]:
    """Return `name=value` texts as a mapping.

    Raises
    ------
    Invalid
        A text has no name or no equals sign.
    """
    found = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not name or not separator:
            raise Invalid("--input", f"expected name=value, was {text!r}")
        found[name] = value
    return found


def _wait(kestra: "KestraClient", execution: "Execution") -> "Execution":
    while not execution.has_ended:
        time.sleep(_POLL_SECONDS)
        execution = kestra.execution(execution.id)
    time.sleep(_LOG_DELAY_SECONDS)
    return execution


def _print_logs(lines: "list[LogLine]", *, details: bool) -> None:
    for line in lines:
        if details or line.level not in _DETAILS:
            typer.echo(f"{line.at} {line.level:5} {line.task}: {line.message}")
