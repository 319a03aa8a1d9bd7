"""The latch keeps one short text, and is overwritten in place."""

from pathlib import Path

import pytest

from cerberus.adapters.latch import FileLatch
from cerberus.errors import StoreFailed


def test_what_is_put_is_read_by_the_next_process_and_takes_no_new_room(tmp_path: Path) -> None:
    path = tmp_path / "stop.json"
    latch = FileLatch(path)
    size, inode = path.stat().st_size, path.stat().st_ino
    latch.put({"reason": "é" * 5000, "actor": "admin"})
    assert FileLatch(path).get() == {"reason": "é" * 100, "actor": "admin"}
    latch.put({})
    assert latch.get() == {}
    assert (path.stat().st_size, path.stat().st_ino) == (size, inode)


def test_a_damaged_file_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "stop.json"
    path.write_bytes(b"\x00" * 2000)
    assert FileLatch(path).get() == {}


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    latch = FileLatch(tmp_path / "nowhere" / "stop.json")
    assert latch.get() == {}
    with pytest.raises(StoreFailed, match=r"stop\.json: No such file"):
        latch.put({"reason": "a test"})
