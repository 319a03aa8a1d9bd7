from hypothesis import given
from hypothesis import strategies as st

from cerberus.resilience.rate_limiter import SlidingWindow

CALLS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 7)), max_size=60)


def test_lets_calls_pass_up_to_the_limit_and_then_tells_the_wait_for_the_oldest() -> None:
    window = SlidingWindow(2, 10.0)
    assert [window.take(0.0), window.take(1.0), window.take(2.0)] == [0.0, 0.0, 8.0]


def test_what_had_to_wait_is_not_counted() -> None:
    window = SlidingWindow(1, 10.0)
    assert [window.take(0.0), window.take(9.0), window.take(10.0)] == [0.0, 1.0, 0.0]


def test_a_heavy_call_waits_until_enough_light_ones_are_over() -> None:
    window = SlidingWindow(10, 10.0)
    for at in range(5):
        window.take(float(at), 2)
    assert window.take(5.0, 5) == 7.0


def test_a_call_heavier_than_the_whole_budget_never_passes() -> None:
    assert SlidingWindow(10, 10.0).take(0.0, 11) == float("inf")


@given(CALLS, st.integers(1, 12), st.integers(1, 30))
def test_no_stretch_of_the_window_ever_holds_more_than_the_limit(
    calls: list[tuple[int, int]], limit: int, seconds: int
) -> None:
    window, now, gone = SlidingWindow(limit, seconds), 0, []
    for gap, weight in calls:
        now += gap
        if window.take(now, weight) == 0:
            gone.append((now, weight))
    for start, _ in gone:
        assert sum(weight for at, weight in gone if start <= at < start + seconds) <= limit


@given(CALLS, st.integers(1, 12), st.integers(1, 30))
def test_the_wait_is_long_enough_and_no_longer_than_needed(
    calls: list[tuple[int, int]], limit: int, seconds: int
) -> None:
    window, now = SlidingWindow(limit, seconds), 0
    for gap, weight in calls:
        now += gap
        wait = window.take(now, weight)
        if 0 < wait < float("inf"):
            assert window.wait(now + wait - 1, weight, limit) > 0
            assert window.take(now + wait, weight) == 0
            now += int(wait)
