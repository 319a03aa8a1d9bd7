"""Give back what H2's file holds no more; many small commits blow it up a hundredfold."""

import logging
from pathlib import Path
from time import monotonic

from cerberus.engine.care.database import connection
from cerberus.engine.kestra.java import Java, java

_log = logging.getLogger(__name__)


def compact_running(context: Java, home: Path, seconds: float) -> dict[str, float | int]:
    """Compact the file of the running engine for at most so long; return sizes and time."""
    file, began = home / "h2" / "kestra.mv.db", monotonic()
    before = file.stat().st_size
    with connection(context) as given:
        session = given.unwrap(java("org.h2.jdbc.JdbcConnection")).getSession()
        # whole chunks are moved; readers and writers go on between two of them
        session.getDatabase().getStore().getMvStore().compactFile(round(seconds * 1000))
    done: dict[str, float | int] = {
        "bytesBefore": before,
        "bytesAfter": file.stat().st_size,
        "seconds": round(monotonic() - began, 3),
    }
    _log.info("database compacted %s", done)
    return done


def close_compacted(context: Java) -> None:
    """Close the database for good and leave a small file; nothing uses it any more."""
    with connection(context) as given:
        given.createStatement().execute("SHUTDOWN COMPACT")
