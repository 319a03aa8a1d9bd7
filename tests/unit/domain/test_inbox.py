"""Messages as signals, and what may become of them."""

from datetime import datetime, timedelta, timezone

import pytest

from cerberus.domain.inbox import Handled, Outcome, Received, pause_before, read_message
from cerberus.errors import Invalid

AT = datetime(2026, 11, 21, 18, 0, tzinfo=timezone(timedelta(hours=1)))


def test_a_message_gets_a_name_and_the_time_at_which_it_was_told() -> None:
    told = read_message(Received("nats-signals-7", b'{"symbol": "BTCUSDT", "id": null}', AT))

    assert told == {
        "symbol": "BTCUSDT",
        "id": "nats-signals-7",
        "created_at": "2026-11-21T17:00:00+00:00",
    }


def test_its_own_id_and_time_stay_and_its_senders_name_comes_before_ours() -> None:
    own = b'{"id": "mine", "created_at": "2026-11-21T16:59:00Z"}'

    assert read_message(Received("n", own, AT, message_id="theirs"))["id"] == "mine"
    assert read_message(Received("n", b"{}", AT, message_id="theirs"))["id"] == "theirs"
    assert read_message(Received("n", own, AT))["created_at"] == "2026-11-21T16:59:00Z"


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b'{"a": NaN}', b"{"])
def test_what_is_no_object_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        read_message(Received("n", data, AT))


def test_only_what_breaks_is_given_up() -> None:
    for outcome in (Outcome.DONE, Outcome.LATER, Outcome.DEAD):
        assert Handled(outcome).after(99, 3) == Handled(outcome)
    assert Handled(Outcome.BROKEN, "x").after(2, 3).outcome is Outcome.BROKEN
    assert Handled(Outcome.BROKEN, "x").after(3, 3).outcome is Outcome.DEAD


def test_pauses_grow_to_a_limit() -> None:
    assert [pause_before(tries) for tries in (1, 2, 3, 50)] == [1.0, 2.0, 4.0, 15.0]
