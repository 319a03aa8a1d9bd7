"""What the memory of signals finds, and what it forgets."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cerberus.resilience.deduplicator import Deduplicator, First

WINDOW = timedelta(seconds=300)
START = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_a_unique_signal_is_found_for_ever_under_each_of_its_keys() -> None:
    known = Deduplicator(WINDOW)
    known.remember(("hash", "id x"), First("one", at(0), is_unique=True))
    assert known.find(("hash",), at(10**8)) == "one"
    assert known.find(("other", "id x"), at(0)) == "one"
    assert known.find(("other",), at(0)) is None


def test_a_repeat_does_not_extend_the_window() -> None:
    known = Deduplicator(WINDOW)
    known.remember(("hash",), First("one", at(0), is_unique=False))
    assert known.find(("hash",), at(200)) == "one"
    assert known.find(("hash",), at(300)) == "one"
    assert known.find(("hash",), at(300.001)) is None
    assert len(known) == 0


def test_what_has_run_out_is_forgotten_and_what_is_unique_stays() -> None:
    known = Deduplicator(WINDOW)
    known.remember(("a",), First("one", at(0), is_unique=False))
    known.remember(("b",), First("two", at(100), is_unique=False))
    known.remember(("c",), First("three", at(0), is_unique=True))
    assert known.forget_old(at(350)) == 1
    assert [known.find((key,), at(350)) for key in "abc"] == [None, "two", "three"]


def test_the_newest_are_told_once_each_newest_first() -> None:
    known = Deduplicator(WINDOW)
    for name in ("one", "two", "three"):
        known.remember((name, f"id {name}"), First(name, at(0), is_unique=True))
    assert [first.signal_id for first in known.newest(2)] == ["three", "two"]


def test_only_what_was_found_here_counts_as_found_here() -> None:
    known = Deduplicator(WINDOW)
    known.remember(("a",), First("one", at(0), is_unique=True))
    for key in ("a", "b", "a"):
        known.find((key,), at(0))
    assert known.tally.from_cache == 2


@given(st.lists(st.integers(0, 30), max_size=200), st.integers(1, 20))
def test_the_memory_is_bounded_and_keeps_what_came_last(keys: list[int], capacity: int) -> None:
    known = Deduplicator(WINDOW, capacity)
    for number, key in enumerate(keys):
        known.remember((str(key),), First(str(number), at(0), is_unique=True))
    last = {str(key): str(number) for number, key in enumerate(keys)}
    kept = sorted(last, key=lambda key: int(last[key]))[-capacity:]
    assert len(known) == len(kept)
    assert all(known.find((key,), at(0)) == last[key] for key in kept)
