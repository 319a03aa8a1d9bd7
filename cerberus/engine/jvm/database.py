"""Settle H2's file after a kill, before Kestra opens it.

The first opening after a kill rolls unfinished transactions back, and H2 2.4 keeps the tables that
it opened for that without their column types: the enumerations in them then read as bare numbers
for as long as the database stays open. Comparisons of states fail ("CHARACTER VARYING to DECFLOAT")
or find nothing. Opened, shut down and opened again, the same file reads right.
"""

import logging
from pathlib import Path
from time import monotonic

from cerberus.engine.kestra.java import java

HEADER_BYTES = 4096
#: nobody interrupts this thread, so without the `retry:` of kestra/application.yml
URL = "jdbc:h2:file:{path};MODE=LEGACY"

_log = logging.getLogger(__name__)


def settle_database(folder: Path) -> bool:
    """Finish what a kill left half-done, and return whether there was anything.

    The Java machine runs already; nobody has the database open.
    """
    file = folder / "kestra.mv.db"
    if not file.exists() or _was_closed(file):
        return False
    began = monotonic()
    properties = java("java.util.Properties")()
    properties.setProperty("user", "kestra")
    properties.setProperty("password", "")
    url = URL.format(path=folder / "kestra")
    connection = java("org.h2.Driver")().connect(url, properties)
    # ends the connection too
    connection.createStatement().execute("SHUTDOWN")
    _log.info("database settled after a kill seconds=%.2f", monotonic() - began)
    return True


def _was_closed(file: Path) -> bool:
    """Tell by the file's header, which H2 marks when it closes and unmarks at the next opening."""
    with file.open("rb") as handle:
        header = handle.read(HEADER_BYTES)
    return b",clean:1," in header
