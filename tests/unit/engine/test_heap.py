"""When the machine's garbage is collected, with a pool of memory that is two numbers."""

from cerberus.engine.jvm.heap import ALLOWANCE_BYTES, PAUSE_SECONDS, HeapKeeper


class FakeUsage:
    def __init__(self, used: int) -> None:
        self._used = used

    def getUsed(self) -> int:
        return self._used


class FakePool:
    """What is used now, and what was after the last collection."""

    def __init__(self) -> None:
        self.used = self.needed = 50 << 20

    def getUsage(self) -> FakeUsage:
        return FakeUsage(self.used)

    def getCollectionUsage(self) -> FakeUsage:
        return FakeUsage(self.needed)


class Scene:
    def __init__(self) -> None:
        self.now, self.collections, self.pool = 0.0, 0, FakePool()
        self.keeper = HeapKeeper(self.pool, self._collect, lambda: self.now)

    def _collect(self) -> None:
        self.collections += 1
        self.pool.used = self.pool.needed

    def gather(self, count: int) -> int:
        self.pool.used += count
        self.keeper.look()
        return self.collections


def test_garbage_is_collected_once_more_than_the_allowance_has_gathered() -> None:
    scene = Scene()
    assert scene.gather(ALLOWANCE_BYTES) == 0
    assert scene.gather(1) == 1
    assert scene.gather(ALLOWANCE_BYTES) == 1


def test_a_collection_is_not_repeated_within_its_pause_whatever_gathers() -> None:
    scene = Scene()
    assert scene.gather(ALLOWANCE_BYTES + 1) == 1
    scene.now += PAUSE_SECONDS - 1
    assert scene.gather(2 * ALLOWANCE_BYTES) == 1
    scene.now += 1
    assert scene.gather(0) == 2


def test_what_is_needed_is_no_garbage() -> None:
    scene = Scene()
    scene.pool.needed = scene.pool.used = 200 << 20
    assert scene.gather(ALLOWANCE_BYTES) == 0
