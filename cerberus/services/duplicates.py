"""The care of what is remembered of signals, and its figures."""

from collections.abc import Iterator

from cerberus.domain.readings import Reading
from cerberus.services.desk import Desk

CLEANING_SECONDS = 60.0


async def forget_old_duplicates(desk: Desk) -> None:
    """Drop the signals whose time as a possible original is over."""
    desk.duplicates.forget_old(desk.wall_clock.now())


def duplicate_readings(desk: Desk) -> Iterator[Reading]:
    """Yield how many signals were new and how many were told before, since the start."""
    known, tally = desk.duplicates, desk.duplicates.tally
    counts = (
        ("new", tally.new),
        ("duplicate_in_cache", tally.from_cache),
        ("duplicate_in_store", tally.from_store),
        ("lost_race", tally.lost_races),
    )
    for outcome, count in counts:
        yield "signals_told_total", "signals by what they were", count, {"outcome": outcome}
    yield "signal_keys_cached_count", "fingerprints and ids kept in memory", len(known), {}
