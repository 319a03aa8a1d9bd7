"""When a process counts as ready, silent, dead, and dead too often."""

from datetime import UTC, datetime, timedelta

import pytest

from cerberus.supervisor import decisions
from cerberus.supervisor.decisions import Action, Health, Phase
from cerberus.supervisor.stack import Limits

LIMITS = Limits(silent_seconds=20, ready_seconds=180, restart_limit=5, restart_window_seconds=600)
START = datetime(2026, 1, 1, tzinfo=UTC)
STOP_SECONDS = 6.0


def _at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def _health(phase: Phase = Phase.STARTING) -> Health:
    return Health("api", phase, since=START, answered_at=START)


def _silent_until(health: Health, seconds: float, step: float = 5.0) -> Health:
    moment = step
    while moment <= seconds:
        health = decisions.probed(health, _at(moment), answered=False, limits=LIMITS)
        moment += step
    return health


def _action(health: Health, seconds: float) -> Action:
    return decisions.action_for(health, _at(seconds), LIMITS, STOP_SECONDS)


def test_the_first_answer_makes_a_process_ready() -> None:
    health = decisions.probed(_health(), _at(3), answered=True, limits=LIMITS)

    assert (health.phase, health.since) == (Phase.READY, _at(3))


def test_a_process_that_starts_may_be_quiet_for_long() -> None:
    health = _silent_until(_health(), 175)

    assert health.phase is Phase.STARTING
    assert _action(health, 175) is Action.NOTHING


def test_a_process_that_never_becomes_ready_is_ended() -> None:
    assert _action(_silent_until(_health(), 180), 180) is Action.TERMINATE


@pytest.mark.parametrize(
    ("seconds", "phase", "action"),
    [
        (5, Phase.READY, Action.NOTHING),
        (15, Phase.READY, Action.NOTHING),
        (20, Phase.SILENT, Action.TERMINATE),
    ],
)
def test_a_ready_process_is_silent_only_after_the_limit(
    seconds: float, phase: Phase, action: Action
) -> None:
    health = _silent_until(_health(Phase.READY), seconds)

    assert (health.phase, _action(health, seconds)) == (phase, action)


def test_one_miss_after_a_machine_has_slept_is_no_silence() -> None:
    health = decisions.probed(_health(Phase.READY), _at(9000), answered=False, limits=LIMITS)

    assert health.phase is Phase.READY


def test_an_answer_forgets_the_misses() -> None:
    health = _silent_until(_health(Phase.READY), 15)
    health = decisions.probed(health, _at(16), answered=True, limits=LIMITS)

    assert (health.misses, health.answered_at) == (0, _at(16))


def test_a_silent_process_that_answers_again_is_ready() -> None:
    health = _silent_until(_health(Phase.READY), 20)
    health = decisions.probed(health, _at(21), answered=True, limits=LIMITS)

    assert (health.phase, _action(health, 21)) == (Phase.READY, Action.NOTHING)


def test_a_silent_process_is_asked_once_and_killed_when_it_does_not_end() -> None:
    health = decisions.terminated(_silent_until(_health(Phase.READY), 20), _at(20))

    assert _action(health, 21) is Action.NOTHING
    assert _action(health, 26) is Action.KILL


def test_the_reason_of_a_death_tells_of_the_silence_before_it() -> None:
    health = decisions.terminated(_silent_until(_health(Phase.READY), 20), _at(20))
    health = decisions.died(health, _at(22), "terminated by SIGTERM", LIMITS)

    assert health.last_reason == "silent for 20 s, terminated by SIGTERM"


def test_five_restarts_in_ten_minutes_are_borne_and_the_sixth_death_is_not() -> None:
    health = _health(Phase.READY)
    phases = []
    for minute in range(6):
        health = decisions.died(health, _at(60 * minute), "exit status 1", LIMITS)
        phases.append(health.phase)

    assert phases == [Phase.RESTARTING] * 5 + [Phase.GIVEN_UP]
    assert _action(health, 301) is Action.STOP


def test_six_deaths_in_more_than_ten_minutes_are_borne() -> None:
    health = _health(Phase.READY)
    for minute in range(0, 15, 3):
        health = decisions.died(health, _at(60 * minute), "exit status 1", LIMITS)

    assert health.phase is Phase.RESTARTING
    assert health.restarts(_at(60 * 12), LIMITS) == 4


def test_what_was_given_up_stays_so_when_supervisord_restarts_it() -> None:
    given_up = _health(Phase.GIVEN_UP)

    assert decisions.seen_alive(given_up, _at(1), same=False) is given_up
    assert decisions.stopped(given_up, _at(1)) is given_up
    assert decisions.gave_up(given_up, _at(1)) is given_up


def test_a_start_by_hand_forgets_the_deaths() -> None:
    given_up = decisions.gave_up(decisions.died(_health(), _at(1), "exit status 1", LIMITS), _at(2))

    health = decisions.started_by_hand(given_up, _at(3))

    assert (health.phase, health.deaths) == (Phase.STARTING, ())


def test_a_late_word_of_the_first_start_does_not_undo_readiness() -> None:
    ready = _health(Phase.READY)

    assert decisions.started_by_hand(ready, _at(1)) is ready


def test_a_new_process_is_noticed_before_the_death_of_the_old_one_is_heard_of() -> None:
    ready = _health(Phase.READY)

    seen = decisions.seen_alive(ready, _at(5), same=False)
    heard = decisions.died(seen, _at(6), "terminated by SIGKILL", LIMITS)
    again = decisions.seen_alive(heard, _at(7), same=True)

    assert [seen.phase, heard.phase, again.phase] == [
        Phase.STARTING,
        Phase.RESTARTING,
        Phase.STARTING,
    ]
    assert again.deaths == (_at(6),)


@pytest.mark.parametrize("phase", [Phase.STOPPED, Phase.RESTARTING, Phase.GIVEN_UP])
def test_what_does_not_run_is_neither_ready_nor_silent(phase: Phase) -> None:
    health = _health(phase)

    assert decisions.probed(health, _at(100), answered=True, limits=LIMITS) is health
