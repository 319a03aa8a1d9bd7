"""Commands by Telegram, through a local Bot API, a real API and a real simulator."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.api_process import trading_pair
from tests.integration.alerts import vendors
from tests.integration.alerts.vendor_rules import BOT_TOKEN, CHAT
from tests.integration.chat.bot_api import BOT_NAME, STRANGER, USER, BotApi, alerts_in_the_log
from tests.integration.trading.steps import ROOMY, Pair

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("chat")]

OTHER = 4712


@dataclass
class Line:
    """A pair of processes, and the line on which people command."""

    pair: Pair
    telegram: BotApi

    def audited(self) -> list[tuple[str, str, str]]:
        """Return actor, action and detail of the audit trail, oldest first."""
        file = next((self.pair.api.var / "data").glob("*.db"))
        with sqlite3.connect(file) as books:
            return books.execute(
                "SELECT actor, action, detail FROM audit ORDER BY number"
            ).fetchall()

    def held(self) -> list[str]:
        found = self.pair.api.get("/api/positions?open_only=true")[1]["positions"]
        return [one["symbol"] for one in found]

    def blocked_by(self) -> str:
        return " ".join(self.pair.api.get("/health")[1]["blocked_by"])


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    telegram = BotApi("telegram")
    folder = tmp_path_factory.mktemp("chat")
    with vendors.vendor("telegram", telegram):
        variables = {
            **ROOMY,
            "CERBERUS_ALERTS_FILE": alerts_in_the_log(folder),
            "TELEGRAM_BOT_TOKEN": BOT_TOKEN,
            "CERBERUS_TELEGRAM_URL": telegram.url,
            "CERBERUS_TELEGRAM_USERS": f"{USER}, {OTHER}",
            "CERBERUS_TELEGRAM_CHATS": CHAT,
        }
        with trading_pair(folder / "var", **variables) as (simulator, api):
            yield Line(Pair(simulator, api), telegram)


@pytest.fixture
def line(opened: Line) -> Line:
    opened.pair.begin()
    opened.telegram.taken.clear()
    return opened


def test_help_names_every_command_and_an_unknown_one_is_told_so(line: Line) -> None:
    wanted = ["help", "status", "health", "eval", "why", "profit", "positions", "exits", "test"]
    wanted += ["metrics", "pause", "resume", "close", "emergency"]

    told = line.telegram.ask("/help", "/emergency")

    assert [row.split(" ")[0].strip("/:") for row in told.splitlines()] == wanted
    assert "is not known" in line.telegram.ask("/sell everything", "/help")


@pytest.mark.parametrize(
    ("command", "part"),
    [
        ("/status", "open positions: 1"),
        (f"/status@{BOT_NAME}", "open positions: 1"),
        ("/health", "reconcile"),
        ("/eval", "BTC/USDT:USDT"),
        ("/eval BTC/USDT", "BTC/USDT:USDT"),
        ("/why", "approved"),
        ("/profit", "open positions: 1"),
        ("/positions", "BTC/USDT:USDT"),
        ("/exits", "stop"),
        ("/metrics", "positions_open_count"),
        ("/test", "passed"),
    ],
)
def test_whoever_looks_gets_an_answer(line: Line, command: str, part: str) -> None:
    line.pair.enter(quantity="0.05")

    told = line.telegram.ask(command, part)

    assert "failed:" not in told.lower()
    assert line.telegram.refused == []


def test_profit_comes_with_its_picture(line: Line) -> None:
    told = line.telegram.ask("/profit 7", "charts of the last 7 days")

    line.pair.until(lambda: line.telegram.pictures or None)
    (picture,) = line.telegram.pictures
    assert picture.startswith(b"\x89PNG")
    assert "equity" in told
    # nothing is kept of it
    assert line.pair.api.get("/api/reports")[1]["total"] == 0
    assert "a number of days is expected" in line.telegram.ask("/profit ever", "failed")


def test_while_it_polls_there_is_no_webhook(line: Line) -> None:
    secret = (line.pair.api.var / "secrets" / "telegram_webhook_secret").read_text()
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret}

    assert line.pair.api.post("/webhook/telegram", {}, headers=headers)[0] == 404


def test_a_wrong_id_or_symbol_is_answered_and_not_silent(line: Line) -> None:
    assert "nothing has the id" in line.telegram.ask("/why nonsense", "failed")
    assert "symbol" in line.telegram.ask("/eval ???", "failed")
    assert "symbol" in line.telegram.ask("/close", "failed")


def test_strangers_and_strange_chats_get_neither_answer_nor_action(line: Line) -> None:
    line.telegram.write("/pause", user=STRANGER)
    line.telegram.write("/pause", user=USER, chat=-100999)
    line.telegram.write("/pause", user=STRANGER, chat=STRANGER)
    line.telegram.write("/pause@another_bot", user=USER)

    # commands are begun in their order: when this one is answered, the others were seen
    line.telegram.ask("/help", "/emergency")

    assert len(line.telegram.taken) == 1
    assert line.blocked_by() == ""
    assert f"chat_stranger user={STRANGER}" in line.pair.api.log.read_text()


def test_entries_are_paused_and_resumed_and_both_are_audited(line: Line) -> None:
    told = line.telegram.ask("/pause 30 new disk", "held back")
    assert "until 20" in told
    assert "new disk" in line.blocked_by()
    line.telegram.ask("/resume", "let through")
    assert line.blocked_by() == ""

    actor = f"operator telegram:{USER}"
    mine = [one for one in line.audited() if one[0] == actor]
    assert (actor, "chat_pause", "30 new disk") in mine
    assert (actor, "chat_resume", "") in mine


def test_one_position_is_closed_by_its_symbol(line: Line) -> None:
    line.pair.enter(quantity="0.05")
    line.pair.enter(symbol="ETHUSDT", quantity="0.5")

    told = line.telegram.ask("/close BTC/USDT", "BTC/USDT:USDT")

    assert "closed" in told
    line.pair.until(lambda: line.held() == ["ETH/USDT:USDT"] or None)


def test_all_are_closed_only_with_a_code(line: Line) -> None:
    line.pair.enter(quantity="0.05")
    line.pair.enter(symbol="ETHUSDT", quantity="0.5")
    asked = line.telegram.ask("/close all", "/close all ")
    assert len(line.held()) == 2

    told = line.telegram.ask(f"/close all {_code(asked)}", "closed")

    assert told.count("closed") == 2
    line.pair.until(lambda: line.held() == [] or None)


def test_an_emergency_takes_two_steps_of_the_same_person(line: Line) -> None:
    line.pair.enter(quantity="0.05")
    code = _code(line.telegram.ask("/emergency", "/emergency "))
    foreign = line.telegram.ask(f"/emergency {code}", "wrong or too old", user=OTHER)
    assert line.held() == ["BTC/USDT:USDT"]
    assert code not in _code(foreign)

    told = line.telegram.ask(f"/emergency {code}", "stopped")

    assert "stopped: flat" in told
    assert line.held() == []
    assert f"told by telegram:{USER}" in line.blocked_by()
    again = line.telegram.ask(f"/emergency {code}", "wrong or too old")
    assert "/emergency" in again


def test_a_command_that_waited_too_long_is_not_done(line: Line) -> None:
    line.telegram.taken.clear()
    line.telegram.write("/pause", seconds_ago=600)

    assert "send it again" in line.telegram.wait_for("/pause was sent")
    assert line.blocked_by() == ""


def test_a_dead_telegram_delays_nothing_and_commands_are_taken_when_it_is_back(line: Line) -> None:
    gone = (502, {}, "<html>bad gateway</html>")
    line.telegram.faults += [gone, gone]
    line.telegram.write("/status")

    line.pair.enter(quantity="0.05")  # trading goes on meanwhile

    assert "open positions" in line.telegram.wait_for("open positions")
    log = line.pair.api.log.read_text()
    assert "telegram_gone" in log
    assert BOT_TOKEN not in log
    assert "Traceback" not in log


def _code(text: str) -> str:
    return re.findall(r"\b[0-9a-f]{6}\b", text)[-1]
