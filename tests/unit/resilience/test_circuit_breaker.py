import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerberus.errors import BreakerOpen, RateLimited, Rejected, Transient, Unknown
from cerberus.resilience.circuit_breaker import CircuitBreaker, Rhythm, State

RHYTHM = Rhythm(failures=3, pause_seconds=2.0, pause_max_seconds=6.0)


class Bench:
    """A breaker and its clock."""

    def __init__(self, chance: float = 0.0) -> None:
        self.now = 0.0
        self.breaker = CircuitBreaker("venue orders", lambda: self.now, RHYTHM, lambda: chance)

    def call(self, error: Exception | None = None, *, urgent: bool = False) -> State:
        try:
            with self.breaker.guard(urgent=urgent):
                if error is not None:
                    raise error
        except type(error or Transient("")):
            pass
        return self.breaker.state

    def opened(self) -> "Bench":
        for _ in range(3):
            self.call(Transient("no answer"))
        return self


def test_opens_after_so_many_failures_in_a_row() -> None:
    bench = Bench()
    states = [bench.call(Transient("no answer")), bench.call(Unknown("reset"))]
    bench.call()
    states += [bench.call(Transient("no answer")) for _ in range(3)]
    assert states == [State.CLOSED] * 4 + [State.OPEN]
    assert bench.breaker.trips == 1


@pytest.mark.parametrize("error", [Rejected("no funds"), RateLimited("slow down")])
def test_what_the_venue_has_answered_is_no_failure(error: Exception) -> None:
    bench = Bench()
    assert {bench.call(error) for _ in range(9)} == {State.CLOSED}


@pytest.mark.parametrize("urgent", [False, True])
def test_nothing_passes_an_open_breaker(urgent: bool) -> None:
    bench = Bench().opened()
    with pytest.raises(BreakerOpen) as caught, bench.breaker.guard(urgent=urgent):
        pytest.fail("it was let through")
    assert caught.value.retry_after_seconds == 2.0
    assert bench.breaker.told() == "breaker venue orders is open, asked again in 2.0 s: no answer"


def test_a_half_open_breaker_lets_one_probe_pass_and_everything_urgent() -> None:
    bench = Bench().opened()
    bench.now = 2.0
    assert bench.breaker.state is State.HALF_OPEN
    breaker = bench.breaker
    with breaker.guard(urgent=False):
        with pytest.raises(BreakerOpen), breaker.guard(urgent=False):
            pytest.fail("a second probe was let through")
        with breaker.guard(urgent=True):
            pass


def test_a_probe_that_succeeds_closes_it() -> None:
    bench = Bench().opened()
    bench.now = 2.0
    assert bench.call() is State.CLOSED


def test_each_failed_probe_doubles_the_pause_up_to_its_limit() -> None:
    bench, pauses = Bench().opened(), []
    for _ in range(4):
        pauses.append(bench.breaker.seconds_left)
        bench.now += bench.breaker.seconds_left
        assert bench.call(Transient("no answer")) is State.OPEN
    assert pauses == [2.0, 4.0, 6.0, 6.0]
    assert bench.breaker.trips == 1


@given(st.floats(0, 1, exclude_max=True))
def test_a_pause_is_longer_by_chance_but_never_by_more_than_half(chance: float) -> None:
    assert 2.0 <= Bench(chance).opened().breaker.seconds_left <= 3.0


def test_an_answer_to_what_was_sent_before_does_not_close_it() -> None:
    bench = Bench()
    with bench.breaker.guard(urgent=False):
        bench.opened()
    assert bench.breaker.state is State.OPEN


def test_a_probe_that_is_cancelled_makes_room_for_the_next() -> None:
    bench = Bench().opened()
    bench.now = 2.0
    with pytest.raises(KeyboardInterrupt), bench.breaker.guard(urgent=False):
        raise KeyboardInterrupt
    assert bench.breaker.state is State.HALF_OPEN
    assert bench.call() is State.CLOSED
