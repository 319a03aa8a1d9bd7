"""What befalls a call of the model's venue."""

from enum import StrEnum


class Mood(StrEnum):
    """What befalls the next call of a kind."""

    LOST = "lost"  # never arrives, no answer
    ANSWER_LOST = "answer_lost"  # takes effect, no answer
    LATE = "late"  # no answer; arrives when the test lets it
    BUSY = "busy"  # refused for now, no effect
    REFUSED = "refused"  # refused for good
    TURNED_DOWN = "turned_down"  # taken without an answer, and then listed as refused
    BLIND = "blind"  # a look-up that does not see it yet
    STALE = "stale"  # a look-up that sees an earlier state
    SHORT = "short"  # the newest fill is not told yet
    TWICE = "twice"  # every fill is told twice
    RACE = "race"  # it fills or fires just before the cancel
    CRASH_BEFORE = "crash_before"  # our process dies before it sends
    CRASH_AFTER = "crash_after"  # our process dies before it hears


class Crash(BaseException):
    """Our process has died inside a call."""
