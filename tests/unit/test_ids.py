import re
import uuid

import pytest

from cerberus.ids import (
    is_client_id,
    is_stop_client_id,
    new_client_id,
    new_id,
    stop_client_id,
)

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def test_ids_are_uuids_of_version_7_that_sort_by_time() -> None:
    ids = [new_id() for _ in range(1000)]

    assert {uuid.UUID(one).version for one in ids} == {7}
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_client_ids_fit_every_venue_and_sort_by_time() -> None:
    ids = [new_client_id() for _ in range(1000)]

    assert all(re.fullmatch(r"t-[0-9a-hjkmnp-tv-z]{26}", one) for one in ids)
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_a_client_id_holds_all_128_bits() -> None:
    number = 0
    for letter in new_client_id().removeprefix("t-"):
        number = number * 32 + ALPHABET.index(letter)

    assert uuid.UUID(int=number).version == 7


def test_the_id_of_a_stops_close_is_equal_for_equal_parts_and_tells_itself() -> None:
    first = stop_client_id("trade", "BTC/USDT:USDT", 0)
    assert first == stop_client_id("trade", "BTC/USDT:USDT", 0)
    assert first != stop_client_id("trade", "BTC/USDT:USDT", 1)
    assert len(first) == 28
    assert is_client_id(first)
    assert is_stop_client_id(first)


@pytest.mark.parametrize("text", [None, "", "web", "t-by-hand", "t-x" + "!" * 25])
def test_what_others_have_sent_is_not_ours(text: str | None) -> None:
    assert not is_client_id(text)
    assert not is_stop_client_id(text)


def test_no_other_order_of_ours_looks_like_a_stops_close() -> None:
    ids = [new_client_id() for _ in range(100)]
    assert all(is_client_id(one) for one in ids)
    assert not any(is_stop_client_id(one) for one in ids)
