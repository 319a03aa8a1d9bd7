"""The edge of the command's process: errors become one line and exit code 1."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from cerberus.errors import CerberusError


@contextmanager
def reporting() -> Iterator[None]:
    """Print an error of ours as one line on standard error and exit with 1."""
    try:
        yield
    except CerberusError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
