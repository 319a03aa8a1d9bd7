from pathlib import Path

import pytest

from cerberus.engine.install import Installation
from cerberus.engine.training.aot import KEPT, AotCache, StartMark, aot_cache, flags_to_use


@pytest.fixture
def cache(tmp_path: Path) -> AotCache:
    trained = tmp_path / "trained"
    trained.write_bytes(b"cache")
    made = AotCache(tmp_path / "one.aot")
    made.accept(trained)
    return made


@pytest.fixture
def mark(tmp_path: Path) -> StartMark:
    return StartMark(tmp_path)


def test_a_trained_cache_is_used(cache: AotCache, mark: StartMark) -> None:
    assert flags_to_use(cache, mark)[0] == f"-XX:AOTCache={cache.file}"
    assert mark.is_left()
    mark.clear_ours()
    assert not mark.is_left()


def test_a_cache_that_was_changed_is_not_used(cache: AotCache, mark: StartMark) -> None:
    cache.file.write_bytes(b"half")
    assert flags_to_use(cache, mark) == ()
    assert not mark.is_left()


def test_without_a_stamp_there_is_no_trust(cache: AotCache, mark: StartMark) -> None:
    cache.stamp.write_text("{")
    assert not cache.is_usable()
    cache.stamp.unlink()
    assert flags_to_use(cache, mark) == ()


def test_a_start_that_died_with_the_cache_costs_the_cache(tmp_path: Path, cache: AotCache) -> None:
    flags_to_use(cache, StartMark(tmp_path))
    # the next process
    mark = StartMark(tmp_path)
    assert flags_to_use(cache, mark) == ()
    assert not cache.file.exists()
    assert not mark.is_left()


def test_a_start_that_was_refused_does_not_touch_anothers_mark(tmp_path: Path) -> None:
    StartMark(tmp_path).set()
    StartMark(tmp_path).clear_ours()
    assert StartMark(tmp_path).is_left()


def test_the_oldest_caches_are_dropped(tmp_path: Path) -> None:
    for number in range(KEPT + 2):
        trained = tmp_path / "trained"
        trained.write_bytes(b"cache")
        AotCache(tmp_path / f"{number}.aot").accept(trained)
    assert len(list(tmp_path.glob("*.aot"))) == KEPT
    assert len(list(tmp_path.glob("*.json"))) == KEPT
    assert AotCache(tmp_path / f"{KEPT + 1}.aot").is_usable()


def test_the_key_names_jars_heap_and_machine(tmp_path: Path) -> None:
    def key(digest: str, heap: int) -> str:
        return aot_cache(Installation(tmp_path, (), digest), heap).file.name

    assert key("a", 512) == key("a", 512)
    assert len({key("a", 512), key("b", 512), key("a", 256)}) == 3
