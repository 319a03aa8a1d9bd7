"""Commands without a network: who may, what is read, codes, and how answers are cut."""

import html
from datetime import UTC, datetime, timedelta

import pytest

from cerberus.chat.asked import OLDEST, Asked, Listed, read_command
from cerberus.chat.confirmations import LIFETIME, Confirmations
from cerberus.chat.messages import MOST_PARTS, chart, parts

NOW = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
ASKED = Asked("emergency", (), 1, 1, "telegram-1", NOW)
OTHER = Asked("emergency", (), 2, 1, "telegram-2", NOW)
LISTED = Listed(frozenset({1, 2}), frozenset({-100}))


@pytest.mark.parametrize(
    ("user", "chat", "may"),
    [
        *((1, 1, True), (1, -100, True), (2, 1, False), (1, -200, False)),
        *((3, 3, False), (3, -100, False), (None, -100, False)),
    ],
)
def test_only_listed_users_in_listed_chats_or_their_own_may_command(
    user: int | None, chat: int, may: bool
) -> None:
    assert LISTED.allow(user, chat) is may


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("/status", ("status", ())),
        ("/Close@My_Bot BTC/USDT now", ("close", ("BTC/USDT", "now"))),
        ("/close@other_bot all", None),
        ("status", None),
        ("/", None),
        ("", None),
        ("  /pause\n10 ", ("pause", ("10",))),
    ],
)
def test_a_command_is_read(text: str, read: tuple[str, tuple[str, ...]] | None) -> None:
    assert read_command(text, "my_bot") == read


def test_a_command_is_old_after_its_time() -> None:
    assert not ASKED.is_old(NOW + OLDEST)
    assert ASKED.is_old(NOW + OLDEST + timedelta(seconds=1))


def test_a_code_is_good_once_for_its_person_its_action_and_its_time() -> None:
    codes = Confirmations()
    code = codes.offer(ASKED, "emergency", NOW)

    assert not codes.take(OTHER, "emergency", code, NOW)
    assert not codes.take(ASKED, "close all", code, NOW)
    assert codes.take(ASKED, "emergency", code.upper(), NOW)
    assert not codes.take(ASKED, "emergency", code, NOW)


def test_a_code_is_gone_after_a_wrong_try_and_after_its_time() -> None:
    codes = Confirmations()
    code = codes.offer(ASKED, "emergency", NOW)
    assert not codes.take(ASKED, "emergency", "000", NOW)
    assert not codes.take(ASKED, "emergency", code, NOW)

    code = codes.offer(ASKED, "emergency", NOW)
    assert not codes.take(ASKED, "emergency", code, NOW + LIFETIME)
    assert not codes.take(ASKED, "emergency", "", NOW)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "short & <b>sharp</b>",
        "line\n" * 3000,
        "x" * 9000,
        "\N{POLICE CARS REVOLVING LIGHT}" * 5000,
        "&<>" * 4000,
    ],
)
def test_an_answer_is_cut_into_messages_that_telegram_takes(text: str) -> None:
    found = parts(text)

    assert 1 <= len(found) <= MOST_PARTS
    for part in found:
        assert part.startswith("<pre>")
        assert part.endswith("</pre>")
        bare = html.unescape(part.removeprefix("<pre>").removesuffix("</pre>"))
        assert 0 < len(bare.encode("utf-16-le")) // 2 <= 4096
    if len(text) < 100 and text:
        assert html.unescape(found[0]) == f"<pre>{text}\n</pre>"


def test_a_chart_rises_where_the_values_do() -> None:
    rows = chart([0.0, 1.0, 2.0, 3.0], width=4, height=4).splitlines()

    assert rows == ["   █ +3.00", "  ██", " ███", "████ +0.00"]
    assert chart([1.0]) == "no chart of fewer than two trades"
    assert len(chart([2.0, 2.0, 2.0]).splitlines()) == 8
