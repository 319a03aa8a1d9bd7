"""What the housekeeping does when it fails; a good run is beside the engine's own tests."""

from collections.abc import Iterator

import pytest

from tests.flows.few_answers import Alone, told_people

pytestmark = [pytest.mark.engine, pytest.mark.stack, pytest.mark.xdist_group("flows")]

FLOW = "cerberus.system/cerberus-housekeeping"


@pytest.fixture
def no_room(alone: Alone) -> Iterator[Alone]:
    """The engine with a file where its backups would go."""
    engine, api = alone
    api.reset()
    folder, aside = engine.var / "backup", engine.var / "backup-aside"
    if folder.exists():
        folder.rename(aside)
    folder.write_text("in the way")
    yield alone
    folder.unlink()
    if aside.exists():
        aside.rename(folder)


def test_without_a_backup_nothing_is_deleted_and_people_are_told(no_room: Alone) -> None:
    engine, _ = no_room

    execution = engine.run(FLOW)

    assert execution["state"]["current"] == "FAILED"
    ran = {one["taskId"]: one["state"]["current"] for one in execution["taskRunList"]}
    assert ran == {"back_up_engine": "FAILED", "notify_failure": "SUCCESS"}
    (told,) = told_people(engine, execution)
    assert (told["level"], told["title"]) == ("WARNING", "housekeeping failed")
    assert "back_up_engine" in told["message"]
