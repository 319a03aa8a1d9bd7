"""What has been read from a queue goes, in the time that the engine's configuration says."""

import re
import time
from pathlib import Path

import pytest

from tests.engine_process import engine_process
from tests.integration.engine.flows import HELLO
from tests.integration.engine.roots import own_root

SHIPPED = "queue: {cleaner: {initial-delay: 10m, fixed-delay: 10m, retention: 1h}}"
QUICK = "queue: {cleaner: {initial-delay: 1s, fixed-delay: 1s, retention: 1s}}"
HUSHED = '<logger name="io.kestra.queue.jdbc.client.JdbcQueueCleaner" level="WARN"/>'
CLEANED = re.compile(r"Cleaned ([1-9]\d*) records for the '\w+' queue")


def change(file: Path, old: str, new: str) -> None:
    """Put a changed copy in the place of a link to a shipped file."""
    text = file.read_text()
    assert old in text
    file.unlink()
    file.write_text(text.replace(old, new))


@pytest.mark.long
def test_the_configured_times_are_taken_and_runs_go_on_while_queues_are_cleaned(
    tmp_path: Path,
) -> None:
    root = own_root(tmp_path, "")
    # the same names with shorter times: a name that the engine does not know cleans after 7 days
    change(root / "kestra" / "application.yml", SHIPPED, QUICK)
    change(root / "kestra" / "logback.xml", HUSHED, "")
    environment = {"CERBERUS_ROOT": str(root)}
    with engine_process(tmp_path / "var", environment=environment) as engine:
        engine.create_flow(HELLO)
        limit = time.monotonic() + 60
        while not CLEANED.search(engine.log.read_text()):
            assert engine.run("t/hello")["state"]["current"] == "SUCCESS"
            assert time.monotonic() < limit, "no queue was cleaned within 60 s"
            time.sleep(0.2)
