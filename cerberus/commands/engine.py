"""`cerberus engine backup`, `engine restore` and `engine compact`."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from cerberus.commands.process_edge import reporting

engine_commands = typer.Typer(help="Care for the Kestra engine.", no_args_is_help=True)


@engine_commands.command("backup")
def back_up() -> None:
    """Back up the running engine below var/backup; the copy is opened before it counts."""
    from cerberus.commands.connections import engine_care

    with reporting(), engine_care() as care:
        done = care.back_up()
        typer.echo(f"{done.file} {done.bytes} bytes, sha256 {done.sha256}, {done.seconds} s")


@engine_commands.command("compact")
def compact() -> None:
    """Give back the unused part of the running engine's database file."""
    from cerberus.commands.connections import engine_care

    with reporting(), engine_care() as care:
        done = care.compact()
        typer.echo(f"{done.bytes_before} -> {done.bytes_after} bytes, {done.seconds} s")


@engine_commands.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="A backup, such as var/backup/engine-*.zip.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Put a backup in the place of the stopped engine's state, which is kept beside it."""
    if not yes:
        typer.confirm(f"replace the engine's state by {file.name}?", abort=True)
    command = [sys.executable, "-m", "cerberus.engine", "restore", str(file.resolve())]
    done = subprocess.run(command, check=False)  # noqa: S603 - ourselves
    raise typer.Exit(done.returncode)
