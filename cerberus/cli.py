"""The command `cerberus`: what a person asks or tells the system from a terminal.

Modules that take long to import are imported where they are used, so that `--help` is quick.
"""

from pathlib import Path
from typing import Annotated

import typer

from cerberus.commands.alerts import alert_commands
from cerberus.commands.engine import engine_commands
from cerberus.commands.flow import flow_commands
from cerberus.commands.process_edge import reporting

app = typer.Typer(
    name="cerberus",
    help="Crypto trading under the control of Kestra.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(flow_commands, name="flow")
app.add_typer(engine_commands, name="engine")
app.add_typer(alert_commands, name="alerts")


@app.command()
def status() -> None:
    """Show health, open positions and the newest trades."""
    from cerberus.commands.status import show_status

    with reporting():
        typer.echo(show_status())


@app.command()
def workers() -> None:
    """Show who works on the store, who alone may write it, and how the API's parts are."""
    from cerberus.commands.workers import show_workers

    with reporting():
        typer.echo(show_workers())


@app.command()
def why(
    anything: Annotated[
        str, typer.Argument(metavar="ID", help="Signal, trade, position or order.")
    ],
) -> None:
    """Explain a signal: what was decided, each check with value and limit, and what followed."""
    from cerberus.commands.why import explain

    with reporting():
        typer.echo(explain(anything))


@app.command("emergency-stop")
def emergency_stop(
    reason: Annotated[str, typer.Option(help="Why; it is kept.")] = "asked by a person",
    direct: Annotated[
        bool, typer.Option("--direct", help="Past the API, which is dead: wait out its lease.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Block entries, cancel entry orders and close every position; locked until released."""
    from cerberus.commands.stop import stop, stop_directly

    if not yes:
        typer.confirm("close every position and block entries?", abort=True)
    with reporting():
        if direct:
            raise typer.Exit(stop_directly(reason))
        typer.echo(stop(reason))


@app.command()
def release(
    confirmation: Annotated[
        str | None, typer.Option(help="The code of the first step; without it one is asked for.")
    ] = None,
) -> None:
    """Release the emergency stop, in two steps."""
    from cerberus.commands.stop import release as release_stop

    with reporting():
        typer.echo(release_stop(confirmation))


@app.command("write-off")
def write_off(
    position: Annotated[str, typer.Argument(metavar="ID", help="A position in quarantine.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept.")],
    result_usd: Annotated[
        str | None, typer.Option(help="What it made or lost, where you know; else unknown.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Take a position that cannot be explained out of the books; nothing is sent to the venue."""
    from cerberus.commands.write_off import write_off as write_off_position

    if not yes:
        typer.confirm(f"take position {position} out of the books?", abort=True)
    with reporting():
        typer.echo(write_off_position(position, reason, result_usd))


@app.command()
def backup() -> None:
    """Back the state up below var/backup, through the API, or directly when none runs."""
    from cerberus.commands.backup import back_up

    with reporting():
        raise typer.Exit(back_up())


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup, such as var/backup/cerberus-*.db.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Put a backup in the place of the state, which is kept beside it; no API may run."""
    from cerberus.commands.backup import restore as restore_state

    if not yes:
        typer.confirm(f"replace the state of trading by {file.name}?", abort=True)
    with reporting():
        raise typer.Exit(restore_state(file))


@app.command()
def token(
    admin: Annotated[bool, typer.Option("--admin", help="The admin token instead.")] = False,
) -> None:
    """Print the API's bearer token."""
    from cerberus.commands.connections import api_token

    with reporting():
        typer.echo(api_token(admin=admin))


if __name__ == "__main__":
    app()
