"""Commands by Telegram's Bot API, by long polling or by its webhook.

A dead Telegram is asked again, and no more.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from cerberus.chat.asked import Answer, Asked, Listed, Reply, read_command
from cerberus.chat.messages import parts
from cerberus.chat.webhook import Webhook
from cerberus.errors import Invalid, Misconfigured, Transient

if TYPE_CHECKING:
    from telegram import Bot, Message, Update

Result = TypeVar("Result")

log = logging.getLogger(__name__)

_POLL_SECONDS = 25
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 60.0
_SEND_TRIES = 3
_KINDS = ["message"]
#: commands that run at the same time: a stop must not wait behind a long look
_AT_ONCE = 4
#: strangers that are named in the log; beyond, somebody plays
_MOST_STRANGERS = 50


@dataclass(slots=True)
class TelegramChat:
    """One bot; `run` it, then `close` and cancel it."""

    token: str
    url: str
    listed: Listed
    answer: Answer
    #: None to poll
    webhook: Webhook | None = None
    poll_seconds: int = _POLL_SECONDS
    name: str = "telegram"
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="chat")
    )
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _strangers: set[tuple[int | None, int]] = field(default_factory=set)
    _problem: str = ""
    _is_closing: bool = False
    #: the bot and its name, once Telegram knows where to call
    _line: tuple[Bot, str] | None = None

    async def run(self) -> None:
        """Take commands for as long as the process lives."""
        bot = await asyncio.to_thread(self._open)
        try:
            if self.webhook is None:
                await self._poll(bot)
            else:
                self._line = bot, await self._insist(partial(_announce, bot, self.webhook))
                await asyncio.Event().wait()  # until it is cancelled
        finally:
            self._line = None
            await bot.shutdown()

    async def deliver(self, body: bytes) -> None:
        """Take an update that has come by the webhook.

        Raises
        ------
        Invalid
            It is no update.
        Transient
            Commands are not taken yet, or no more: Telegram sends it again.
        """
        if self._line is None or self._is_closing or self.webhook is None:
            raise Transient("commands are not taken now")
        bot, name = self._line
        from telegram import Update

        try:
            update = Update.de_json(json.loads(body), bot)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise Invalid("body", "an update of the Bot API is expected") from None
        if self.webhook.is_new(update.update_id):
            self._take(bot, update, name)

    async def _poll(self, bot: Bot) -> None:
        name, offset = await self._insist(partial(_introduce, bot)), 0
        while not self._is_closing:
            ask = partial(bot.get_updates, timeout=self.poll_seconds, allowed_updates=_KINDS)
            for update in await self._insist(partial(ask, offset=offset)):
                offset = update.update_id + 1
                self._take(bot, update, name)

    async def _insist(self, act: Callable[[], Awaitable[Result]]) -> Result:
        """Ask Telegram until it answers."""
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                found = await act()
            except Exception as error:
                # an edge: whatever a library or a network makes of it, Telegram is asked again;
                # its messages may hold the token
                self._note(type(error).__name__)
                await asyncio.sleep(max(pause, _asked_wait(error)))
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            else:
                self._note("")
                return found

    async def close(self) -> None:
        """End what is being answered, and take nothing more."""
        self._is_closing = True
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _open(self) -> Bot:
        # else it warns of every number of seconds
        os.environ["PTB_TIMEDELTA"] = "true"
        # half a second of imports, which only who uses it pays for
        from telegram import Bot
        from telegram.request import HTTPXRequest

        # at INFO it writes every URL, which holds the token
        logging.getLogger("httpx").setLevel(logging.WARNING)
        # it writes a traceback for every answer of a proxy; what matters is told here
        logging.getLogger("telegram").setLevel(logging.CRITICAL)
        return Bot(
            self.token,
            base_url=f"{self.url}/bot",
            request=HTTPXRequest(connection_pool_size=_AT_ONCE + 1),
            get_updates_request=HTTPXRequest(connection_pool_size=1),
        )

    def _take(self, bot: Bot, update: Update, name: str) -> None:
        message = update.message
        if message is None or not message.text or self._is_closing:
            return
        user = None if message.from_user is None else message.from_user.id
        told = read_command(message.text, name)
        if told is None:
            return
        if not self.listed.allow(user, message.chat_id):
            self._note_stranger(user, message.chat_id)
            return
        asked = Asked(
            *told, user or 0, message.chat_id, f"telegram-{update.update_id}", message.date
        )
        task = asyncio.create_task(self._answer(bot, message, asked))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _answer(self, bot: Bot, message: Message, asked: Asked) -> None:
        loop = asyncio.get_running_loop()
        try:
            reply = await loop.run_in_executor(self._threads, self.answer, asked)
        except Exception:
            # an edge: a fault of one command must neither end the others nor stay unanswered
            log.exception("chat_command_broke command=%s", asked.command)
            reply = Reply(f"/{asked.command} broke, see the API's log")
        write = partial(bot.send_message, message.chat_id, parse_mode="HTML")
        sendings = [partial(write, one) for one in parts(reply.text)]
        if reply.picture is not None:
            show = partial(bot.send_photo, message.chat_id, reply.picture, parse_mode="HTML")
            sendings.append(partial(show, caption=f"/{asked.command}"))
        for send in sendings:
            if not await _send(send):
                log.warning("chat_answer_lost command=%s", asked.command)
                return

    def _note(self, problem: str) -> None:
        if problem and not self._problem:
            log.warning("telegram_gone reason=%s", problem)
        elif self._problem and not problem:
            log.info("telegram_returned")
        self._problem = problem

    def _note_stranger(self, user: int | None, chat: int) -> None:
        if (user, chat) not in self._strangers and len(self._strangers) < _MOST_STRANGERS:
            self._strangers.add((user, chat))
            log.warning("chat_stranger user=%s chat=%s", user, chat)


def ensure_installed() -> None:
    """Refuse to start without the library.

    Raises
    ------
    Misconfigured
        It is not installed.
    """
    from importlib.util import find_spec

    if find_spec("telegram") is None:
        raise Misconfigured(
            "CERBERUS_TELEGRAM_USERS is set, and the package python-telegram-bot is not installed"
        )


async def _introduce(bot: Bot) -> str:
    """Return the bot's name; a webhook that was set once would keep updates from here."""
    await bot.initialize()
    await bot.delete_webhook()
    return bot.username


async def _announce(bot: Bot, webhook: Webhook) -> str:
    """Tell Telegram where to call, and return the bot's name."""
    await bot.initialize()
    await bot.set_webhook(
        webhook.url,
        secret_token=webhook.secret,
        allowed_updates=_KINDS,
        max_connections=_AT_ONCE,
    )
    return bot.username


async def _send(send: Callable[[], Awaitable[object]]) -> bool:
    from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

    for attempt in range(_SEND_TRIES):
        wait = _FIRST_PAUSE_SECONDS * 2**attempt
        try:
            await send()
        except RetryAfter as error:
            wait = _asked_wait(error)
        except (BadRequest, Forbidden):
            return False
        except TelegramError:
            pass  # it is sent again; twice is better than never
        else:
            return True
        await asyncio.sleep(min(wait, _LONGEST_PAUSE_SECONDS))
    return False


def _asked_wait(error: Exception) -> float:
    """Return for how long Telegram wants to be left alone."""
    told = getattr(error, "retry_after", None)
    return told.total_seconds() if isinstance(told, timedelta) else 0.0
