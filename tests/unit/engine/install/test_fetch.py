import io
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from rich.console import Console

from cerberus.engine.install.cache import JarCache
from cerberus.engine.install.fetch import WrongHash, fetch_all
from cerberus.engine.install.lock import Artifact, format_lock, read_lock
from cerberus.engine.install.progress import progress
from cerberus.engine.install.relock import relock
from cerberus.errors import Transient


def content(name: str) -> bytes:
    return f"the jar {name}".encode()


def artifact(name: str) -> Artifact:
    return Artifact("g", name, "1", sha256=sha256(content(name)).hexdigest())


class Registry:
    """Serves jars, counts, and misbehaves as it is told to."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.spoil: Callable[[str, int], bytes] = lambda name, _: content(name)
        self._lock = threading.Lock()

    def download(self, wanted: Artifact, folder: Path) -> Path:
        with self._lock:
            self.calls.append(wanted.name)
            times = self.calls.count(wanted.name)
        file = folder / "some" / "where.jar"
        file.parent.mkdir()
        file.write_bytes(self.spoil(wanted.name, times))
        return file


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def cache(tmp_path: Path) -> JarCache:
    return JarCache(tmp_path / "cache")


def fetch(cache: JarCache, registry: Registry, *names: str) -> None:
    wanted = tuple(artifact(name) for name in names)
    fetch_all(cache, cache.missing(wanted), lambda _: None, registry.download)
    assert cache.missing(wanted) == ()


def left_over(cache: JarCache) -> list[str]:
    return [path.name for path in cache.root.glob("partial-*")]


def test_fetches_each_jar_once(cache: JarCache, registry: Registry) -> None:
    names = [f"jar{number}" for number in range(40)]
    fetch(cache, registry, *names)
    fetch(cache, registry, *names)
    assert sorted(registry.calls) == sorted(names)
    assert len(list(cache.jars.iterdir())) == 40
    assert left_over(cache) == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(path.read_bytes()[:5]),
        lambda path: path.write_bytes(b"x" * path.stat().st_size),
        lambda path: path.write_bytes(b""),
        lambda path: path.unlink(),
    ],
    ids=["half", "other content", "empty", "gone"],
)
def test_repairs_a_damaged_jar_and_only_that(
    cache: JarCache, registry: Registry, damage: Callable[[Path], object]
) -> None:
    fetch(cache, registry, "one", "two")
    damage(cache.path(artifact("one")))
    fetch(cache, registry, "one", "two")
    assert registry.calls.count("one") == 2
    assert registry.calls.count("two") == 1
    assert cache.path(artifact("one")).read_bytes() == content("one")


def test_a_touched_jar_is_hashed_again_but_not_fetched(cache: JarCache, registry: Registry) -> None:
    fetch(cache, registry, "one")
    cache.path(artifact("one")).touch()
    fetch(cache, registry, "one")
    assert registry.calls == ["one"]


def test_a_wrong_hash_is_fetched_again(cache: JarCache, registry: Registry) -> None:
    registry.spoil = lambda name, times: b"half" if times == 1 else content(name)
    fetch(cache, registry, "one")
    assert registry.calls == ["one", "one"]


def test_a_jar_whose_hash_stays_wrong_is_refused_by_name(
    cache: JarCache, registry: Registry
) -> None:
    registry.spoil = lambda name, _: b"evil" if name == "one" else content(name)
    with pytest.raises(WrongHash) as raised:
        fetch(cache, registry, "one")
    said = str(raised.value)
    assert "g:one:1" in said
    assert sha256(b"evil").hexdigest() in said
    assert artifact("one").sha256 in said
    assert not cache.path(artifact("one")).exists()
    assert left_over(cache) == []


def test_a_failing_download_is_tried_again_and_then_named(
    cache: JarCache, registry: Registry
) -> None:
    def flaky(_: str, times: int) -> bytes:
        if times < 3:
            raise OSError("reset")
        return content("one")

    registry.spoil = flaky
    fetch(cache, registry, "one")

    def dead(_name: str, _times: int) -> bytes:
        raise OSError("no route")

    registry.spoil = dead
    with pytest.raises(Transient, match=r"g:two:1 could not be fetched in 3 attempts: no route"):
        fetch(cache, registry, "two")


def test_a_failure_keeps_what_was_fetched(cache: JarCache, registry: Registry) -> None:
    def one_dead(name: str, _: int) -> bytes:
        if name == "bad":
            raise OSError("gone")
        return content(name)

    registry.spoil = one_dead
    wanted = tuple(artifact(f"jar{number}") for number in range(8))
    with pytest.raises(Transient):
        fetch_all(cache, (*wanted, artifact("bad")), lambda _: None, registry.download)
    registry.spoil = lambda name, _: content(name)
    before = len(registry.calls)
    missing = cache.missing(wanted)
    fetch_all(cache, missing, lambda _: None, registry.download)
    assert len(registry.calls) - before == len(missing)


def test_a_broken_stamps_file_only_costs_time(cache: JarCache, registry: Registry) -> None:
    fetch(cache, registry, "one")
    (cache.root / "stamps.json").write_text("{half")
    assert cache.missing((artifact("one"),)) == ()
    assert registry.calls == ["one"]


def test_two_installs_at_once_take_turns(cache: JarCache, registry: Registry) -> None:
    names = [f"jar{number}" for number in range(10)]

    def install() -> None:
        own = JarCache(cache.root)
        with own.locked():
            fetch(own, registry, *names)

    threads = [threading.Thread(target=install) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(registry.calls) == sorted(names)


def test_the_lock_sweeps_what_killed_installs_left(cache: JarCache) -> None:
    (cache.root / "partial-dead" / "x").mkdir(parents=True)
    with cache.locked():
        assert left_over(cache) == []


def test_relock_writes_the_hashes_found(tmp_path: Path, registry: Registry) -> None:
    path = tmp_path / "engine.lock"
    path.write_text(f"g:one:1 sha256:{'0' * 64}\ng:two:1\n")
    quiet = Console(file=io.StringIO())
    assert relock(path, quiet, registry.download) == 2
    assert read_lock(path) == (artifact("one"), artifact("two"))
    assert path.read_text() == format_lock((artifact("one"), artifact("two")))


def test_progress_prints_plain_lines_where_there_is_no_terminal() -> None:
    text = io.StringIO()
    with progress("fetch", 3, Console(file=text)) as advance:
        for _ in range(3):
            advance()
    assert text.getvalue().splitlines() == ["fetch: 0 of 3", "fetch: 3 of 3"]
