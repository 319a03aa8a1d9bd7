"""A local Bot API: people write to it, a bot polls it or is called, and it refuses what Telegram
refuses.
"""

import json
import re
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from tests.integration.alerts.vendor_rules import BOT_TOKEN, CHAT, Answer
from tests.integration.alerts.vendors import Vendor

USER, STRANGER = 4711, 666
BOT_NAME = "cerberus_test_bot"
#: long polls end sooner here, so that a stop of the server is quick
_LONGEST_POLL_SECONDS = 1.0
_PARAMETERS = {"offset", "limit", "timeout", "allowed_updates"}


@dataclass
class BotApi(Vendor):
    """Telegram's server as a bot and its people see it."""

    pending: list[dict[str, Any]] = field(default_factory=list)
    polls: int = 0
    #: how the bot wants to be called; a proxy leads from its public address to its own
    webhook: dict[str, str] | None = None
    public: str = ""
    proxy: str = ""
    _number: int = 100
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def answer(self, path: str, kind: str, body: bytes) -> Answer:
        method = path.rpartition("/")[2]
        own = ("getMe", "deleteWebhook", "setWebhook", "getUpdates")
        if self.faults or method not in own:
            return super().answer(path, kind, body)
        if path != f"/bot{BOT_TOKEN}/{method}":
            return 401, {}, {"ok": False, "error_code": 401, "description": "Unauthorized"}
        if method == "getUpdates":
            return self._updates(_form(body))
        if method == "setWebhook":
            return self._set_webhook(_form(body))
        if method == "deleteWebhook":
            self.webhook = None
        return 200, {}, {"ok": True, "result": _ME if method == "getMe" else True}

    def write(
        self, text: str, user: int = USER, chat: int = int(CHAT), seconds_ago: int = 0
    ) -> dict[str, Any]:
        """Let somebody write a message in a chat; a bot that has asked for it is called."""
        kind = "private" if chat == user else "supergroup"
        with self._changed:
            self._number += 1
            message = {
                "message_id": self._number,
                "date": int(time.time()) - seconds_ago,
                "chat": {"id": chat, "type": kind},
                "from": {"id": user, "is_bot": False, "first_name": "A"},
                "text": text,
                "entities": [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}],
            }
            update = {"update_id": self._number, "message": message}
            if self.webhook is None:
                self.pending.append(update)
                self._changed.notify_all()
        if self.webhook is not None:
            assert self.call(json.dumps(update).encode())[0] == 200
        return update

    def call(self, body: bytes, secret: str | None = None) -> tuple[int, str]:
        """Call the bot, by default with the token that it has told."""
        assert self.webhook is not None
        headers = {
            "Content-Type": "application/json",
            "X-Telegram-Bot-Api-Secret-Token": secret or self.webhook["secret_token"],
        }
        url = self.webhook["url"].replace(self.public, self.proxy, 1)
        request = urllib.request.Request(url, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    @property
    def texts(self) -> list[str]:
        """What the bot has sent, without markup."""
        return [re.sub(r"</?pre>", "", str(one["text"])) for one in self.taken if "text" in one]

    @property
    def pictures(self) -> list[bytes]:
        """The pictures that the bot has sent."""
        return [one["photo"] for one in self.taken if "photo" in one]

    def wait_for(self, part: str, seconds: float = 20) -> str:
        """Return the first text of the bot that has a part in it."""
        limit = time.monotonic() + seconds
        while not (found := [text for text in self.texts if part in text]):
            assert time.monotonic() < limit, f"{part!r} is not in {self.texts}, {self.refused}"
            time.sleep(0.02)
        return found[0]

    def ask(self, text: str, part: str = "", user: int = USER) -> str:
        """Write a command and return the answer."""
        self.taken.clear()
        self.write(text, user)
        return self.wait_for(part)

    def _set_webhook(self, told: dict[str, Any]) -> Answer:
        problem = ""
        if not told.get("url", "").startswith("https://"):
            problem = "bad webhook: An HTTPS URL must be provided for webhook"
        elif not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", told.get("secret_token", "")):
            problem = "bad webhook: secret token contains unallowed characters"
        if problem:
            return (
                400,
                {},
                {"ok": False, "error_code": 400, "description": f"Bad Request: {problem}"},
            )
        self.webhook = told
        return 200, {}, {"ok": True, "result": True, "description": "Webhook was set"}

    def _updates(self, told: dict[str, Any]) -> Answer:
        if self.webhook is not None:
            told_no = "Conflict: can't use getUpdates method while webhook is active"
            return 409, {}, {"ok": False, "error_code": 409, "description": told_no}
        if set(told) - _PARAMETERS:
            return 400, {}, {"ok": False, "error_code": 400, "description": "Bad Request"}
        with self._changed:
            self.polls += 1
            # an offset confirms all updates before it
            offset = int(told.get("offset", 0))
            self.pending = [one for one in self.pending if one["update_id"] >= offset]
            if not self.pending and int(told.get("timeout", 0)):
                self._changed.wait(_LONGEST_POLL_SECONDS)
            return 200, {}, {"ok": True, "result": list(self.pending)}


_ME = {
    "id": 110201543,
    "is_bot": True,
    "first_name": "Cerberus",
    "username": BOT_NAME,
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
}


def alerts_in_the_log(folder: Path) -> str:
    """Write rules by which nothing but answers goes to Telegram, and return their file."""
    levels = ("INFO", "WARNING", "CRITICAL", "EMERGENCY")
    rules = folder / "alerts.yaml"
    rules.write_text(
        "channels: {}\nlevels:\n" + "".join(f"  {one}: {{channels: [log]}}\n" for one in levels)
    )
    return str(rules)


def _form(body: bytes) -> dict[str, Any]:
    told: dict[str, Any] = dict(parse_qsl(body.decode()))
    if "allowed_updates" in told:
        told["allowed_updates"] = json.loads(told["allowed_updates"])
    return told
