"""Commands that Telegram brings by its webhook, and an installation that cannot draw."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api_process import trading_pair
from tests.integration.alerts import vendors
from tests.integration.alerts.vendor_rules import BOT_TOKEN, CHAT
from tests.integration.chat.bot_api import STRANGER, USER, BotApi, alerts_in_the_log
from tests.integration.trading.steps import Pair

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("chat")]

PUBLIC = "https://cerberus.example.com/bot"


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pair, BotApi]]:
    """A pair that Telegram calls through a proxy; it did not answer when it was told so first."""
    telegram = BotApi("telegram", public=PUBLIC, faults=[(502, {}, "<html>bad gateway</html>")])
    folder = tmp_path_factory.mktemp("called")
    with vendors.vendor("telegram", telegram):
        variables = {
            "CERBERUS_ALERTS_FILE": alerts_in_the_log(folder),
            "TELEGRAM_BOT_TOKEN": BOT_TOKEN,
            "CERBERUS_TELEGRAM_URL": telegram.url,
            "CERBERUS_TELEGRAM_USERS": str(USER),
            "CERBERUS_TELEGRAM_CHATS": CHAT,
            "CERBERUS_TELEGRAM_WEBHOOK_URL": f"{PUBLIC}/",
            "PYTHONPATH": _without_matplotlib(folder),
        }
        with trading_pair(folder / "var", **variables) as (simulator, api):
            pair = Pair(simulator, api)
            telegram.proxy = api.url
            pair.until(lambda: telegram.webhook)
            yield pair, telegram


def _without_matplotlib(folder: Path) -> str:
    """Return a path on which matplotlib cannot be imported."""
    absent = folder / "absent"
    absent.mkdir()
    (absent / "matplotlib.py").write_text("raise ImportError(__name__)\n")
    return os.pathsep.join(filter(None, (str(absent), os.environ.get("PYTHONPATH"))))


@pytest.fixture
def telegram(called: tuple[Pair, BotApi]) -> BotApi:
    called[1].taken.clear()
    return called[1]


def test_telegram_is_told_where_to_call_and_is_not_polled(telegram: BotApi) -> None:
    assert telegram.webhook is not None
    assert telegram.webhook["url"] == f"{PUBLIC}/webhook/telegram"
    assert telegram.webhook["allowed_updates"] == ["message"]
    assert "open positions" in telegram.ask("/status", "open positions")
    assert telegram.polls == 0


def test_a_call_without_the_token_meets_nothing(
    telegram: BotApi, called: tuple[Pair, BotApi]
) -> None:
    api = called[0].api
    missing = api.post("/webhook/telegrams", {}, token=None)
    secret = (api.var / "secrets" / "telegram_webhook_secret").read_text()

    wrong = [telegram.call(b"{}", told) for told in ("x", secret[:-1], secret + "x", "\xe9")]
    wrong.append(_as_text(api.post("/webhook/telegram", {}, token="admin_token")))

    assert {status for status, _ in wrong} == {404}
    for _, text in wrong:
        assert json.loads(text) | {"instance": ""} == missing[1] | {"instance": ""}


def test_an_update_that_comes_again_is_answered_once(telegram: BotApi) -> None:
    update = telegram.write("/positions")
    assert telegram.call(json.dumps(update).encode())[0] == 200

    # commands are begun in their order, and this one waits for the same API
    telegram.ask("/help", "/emergency")
    telegram.wait_for("nothing is held")

    assert len([text for text in telegram.texts if "nothing is held" in text]) == 1


def test_strangers_are_left_without_an_answer(telegram: BotApi) -> None:
    telegram.write("/pause", user=STRANGER)
    telegram.write("/pause", user=USER, chat=-100999)

    telegram.ask("/help", "/emergency")

    assert len(telegram.texts) == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{}", b'{"update_id": 1, "message": 3}', b"{"])
def test_what_is_no_update_is_refused_and_breaks_nothing(telegram: BotApi, body: bytes) -> None:
    status, text = telegram.call(body)

    assert (status, json.loads(text)["errors"][0]["field"]) == (422, "body")


def test_without_what_draws_profit_says_so_and_has_a_curve_of_letters(telegram: BotApi) -> None:
    told = telegram.ask("/profit", "USD")

    assert 'no picture: the extra "charts" is not installed' in told
    assert "no chart of fewer than two trades" in told
    assert telegram.pictures == []


def _as_text(answer: tuple[int, object]) -> tuple[int, str]:
    return answer[0], json.dumps(answer[1])
