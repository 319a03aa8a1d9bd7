"""Each channel against a server that refuses what its vendor refuses."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from cerberus.adapters.notify.discord import DiscordChannel
from cerberus.adapters.notify.pagerduty import PagerDutyChannel
from cerberus.adapters.notify.post import Poster
from cerberus.adapters.notify.slack import SlackChannel
from cerberus.adapters.notify.telegram import TelegramChannel
from cerberus.domain.alerts.delivery import Kind
from cerberus.errors import Misconfigured, Rejected, Transient, Unknown
from cerberus.ports import Notifier
from tests.integration.alerts import vendor_rules as rules
from tests.integration.alerts import vendors
from tests.integration.alerts.messages import CASES, NASTY, PNG, item, message
from tests.integration.alerts.vendors import Vendor

VENDORS = ("telegram", "discord", "slack", "pagerduty")


@pytest.fixture(params=VENDORS)
def server(request: pytest.FixtureRequest) -> Iterator[Vendor]:
    with vendors.vendor(request.param) as one:
        yield one


@pytest.fixture
async def poster() -> AsyncIterator[Poster]:
    one = Poster()
    yield one
    await one.close()


@pytest.fixture
def channel(server: Vendor, poster: Poster) -> Notifier:
    return open_channel(server, poster)


def open_channel(server: Vendor, poster: Poster, key: str = "") -> Notifier:
    """Return the channel of a vendor; another `key` is a wrong one."""
    url = server.url
    match server.name:
        case "telegram":
            return TelegramChannel("telegram", poster, key or rules.BOT_TOKEN, rules.CHAT, url)
        case "discord":
            return DiscordChannel("discord", poster, f"{url}{key or rules.DISCORD_PATH}")
        case "slack":
            return SlackChannel("slack", poster, f"{url}{key or rules.SLACK_PATH}")
        case _:
            return PagerDutyChannel("pagerduty", poster, key or rules.ROUTING_KEY, url)


@pytest.mark.parametrize("case", CASES)
async def test_the_vendor_takes_every_message(server: Vendor, channel: Notifier, case: str) -> None:
    told = CASES[case]
    parts = [told] if channel.takes_groups else [message(one) for one in told.items[:20]]
    for part in parts:
        await channel.send(part)

    assert server.refused == []
    assert len(server.taken) == len(parts)


async def test_what_is_left_out_of_a_long_message_is_counted(
    server: Vendor, channel: Notifier
) -> None:
    if not channel.takes_groups:
        pytest.skip("each alert is an incident of its own")
    await channel.send(CASES["many"])

    text = json.dumps(server.taken[0])
    shown = len(set(re.findall(r"0195-(\d+)\b", text)))
    assert 0 < shown < 500
    assert f"and {500 - shown} more, all are at GET" in text


async def test_waits_as_long_as_the_vendor_asks(server: Vendor, channel: Notifier) -> None:
    body = {
        "telegram": {"ok": False, "error_code": 429, "parameters": {"retry_after": 7}},
        "discord": {"message": "You are being rate limited.", "retry_after": 7, "global": False},
    }.get(server.name, "rate_limited")
    server.faults = [(429, {"Retry-After": "7"}, body)]

    with pytest.raises(Transient) as caught:
        await channel.send(message())

    assert caught.value.retry_after_seconds == timedelta(seconds=7).total_seconds()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Rejected),
        (403, Misconfigured),
        (404, Misconfigured),
        (500, Transient),
        (302, Transient),
    ],
)
async def test_tells_what_to_do_about_a_refusal(
    server: Vendor, channel: Notifier, status: int, error: type[Exception]
) -> None:
    server.faults = [(status, {}, "no")]

    with pytest.raises(error):
        await channel.send(message())


async def test_a_refusal_never_tells_the_secret(server: Vendor, poster: Poster) -> None:
    wrong = {"discord": "/api/webhooks/1/wrong-key", "slack": "/services/T/B/wrong-key"}
    channel = open_channel(server, poster, wrong.get(server.name, "1234:wrong-key"))

    with pytest.raises((Misconfigured, Rejected)) as caught:
        await channel.send(message())

    assert "wrong-key" not in str(caught.value)
    assert server.url not in str(caught.value)


async def test_a_vendor_that_is_gone_may_be_asked_again(poster: Poster) -> None:
    with vendors.vendor("telegram") as server:
        channel = open_channel(server, poster)

    with pytest.raises(Transient) as caught:
        await channel.send(message())

    assert rules.BOT_TOKEN not in str(caught.value)


async def test_an_answer_that_is_lost_leaves_the_outcome_open(poster: Poster) -> None:
    with vendors.vendor("slack") as server:
        channel = open_channel(server, poster)

        def hang_up() -> None:
            raise ConnectionAbortedError

        server.before = hang_up
        with pytest.raises(Unknown):
            await channel.send(message())


@pytest.mark.parametrize("name", ["telegram", "discord"])
async def test_a_picture_is_sent_with_its_text(name: str, poster: Poster) -> None:
    with vendors.vendor(name) as server:
        await open_channel(server, poster).send(CASES["with a picture"])

    taken = server.taken[0]
    assert taken["photo" if name == "telegram" else "files[0]"] == PNG


async def test_telegram_shows_markup_as_it_was_written(poster: Poster) -> None:
    with vendors.vendor("telegram") as server:
        await open_channel(server, poster).send(message(item("a <b> & c", "1 < 2")))

    text = server.taken[0]["text"]
    assert "a &lt;b&gt; &amp; c" in text
    assert "1 &lt; 2" in text


async def test_discord_pings_nobody(poster: Poster) -> None:
    with vendors.vendor("discord") as server:
        await open_channel(server, poster).send(message(item(NASTY, NASTY)))

    assert server.taken[0]["allowed_mentions"] == {"parse": []}


@pytest.mark.parametrize(
    ("case", "is_silent"),
    [("information", True), ("short", False), ("emergency", False), ("resolved", True)],
)
async def test_telegram_makes_a_sound_only_for_what_wants_a_person(
    poster: Poster, case: str, is_silent: bool
) -> None:
    with vendors.vendor("telegram") as server:
        await open_channel(server, poster).send(CASES[case])

    assert server.taken[0]["disable_notification"] is is_silent


async def test_pagerduty_keeps_one_incident_for_an_alert(poster: Poster) -> None:
    kinds = (Kind.RAISED, Kind.RAISED, Kind.ACKNOWLEDGED, Kind.RESOLVED)
    with vendors.vendor("pagerduty") as server:
        channel = open_channel(server, poster)
        for kind in kinds:
            await channel.send(message(item(kind=kind)))

    actions = [taken["event_action"] for taken in server.taken]
    assert actions == ["trigger", "trigger", "acknowledge", "resolve"]
    assert {taken["dedup_key"] for taken in server.taken} == {"0195-0"}
