"""Telegram: the Bot API's sendMessage and sendPhoto, in its HTML."""

import html
from dataclasses import dataclass

import aiohttp

from cerberus.adapters.notify.post import Poster
from cerberus.adapters.notify.text import cut, fit, utf16_length
from cerberus.domain.alerts.alert import Level
from cerberus.domain.alerts.message import AlertMessage, Item, Mood

URL = "https://api.telegram.org"
#: counted after the markup is taken away, in UTF-16 code units
TEXT_LENGTH, CAPTION_LENGTH = 4096, 1024
#: no alert takes more than its part, so that markup and others have room
_TITLE, _ITEM_TEXT, _CAPTION_TEXT = 200, 3000, 600
_SIGNS = {
    Level.INFO: "\N{INFORMATION SOURCE}",
    Level.WARNING: "\N{WARNING SIGN}",
    Level.CRITICAL: "\N{LARGE RED CIRCLE}",
    Level.EMERGENCY: "\N{POLICE CARS REVOLVING LIGHT}",
}


@dataclass(frozen=True, slots=True)
class TelegramChannel:
    """One chat of a bot."""

    name: str
    poster: Poster
    token: str
    chat: str
    url: str = URL
    takes_groups = True
    follows = False

    async def send(self, message: AlertMessage) -> None:
        """Send a message; below CRITICAL it makes no sound."""
        is_silent = message.level.rank < Level.CRITICAL.rank or message.mood is Mood.RESOLVED
        if message.picture is not None:
            await self._send_photo(message, message.picture, is_silent=is_silent)
            return
        body = {
            "chat_id": self.chat,
            "text": _text(message, TEXT_LENGTH, _ITEM_TEXT),
            "parse_mode": "HTML",
            "disable_notification": is_silent,
            "link_preview_options": {"is_disabled": True},
        }
        await self.poster.post(self.name, self._method("sendMessage"), json_body=body)

    async def _send_photo(self, message: AlertMessage, picture: bytes, *, is_silent: bool) -> None:
        def form() -> aiohttp.FormData:
            fields = aiohttp.FormData()
            fields.add_field("chat_id", self.chat)
            fields.add_field("caption", _text(message, CAPTION_LENGTH, _CAPTION_TEXT))
            fields.add_field("parse_mode", "HTML")
            fields.add_field("disable_notification", str(is_silent).lower())
            fields.add_field("photo", picture, filename="picture.png", content_type="image/png")
            return fields

        await self.poster.post(self.name, self._method("sendPhoto"), form=form)

    def _method(self, name: str) -> str:
        return f"{self.url}/bot{self.token}/{name}"


def _text(message: AlertMessage, limit: int, item_limit: int) -> str:
    sign = "\N{WHITE HEAVY CHECK MARK}" if message.mood is Mood.RESOLVED else _SIGNS[message.level]
    head = f"{sign} <b>{_escape(message.headline, _TITLE)}</b>\n\n"
    alone = len(message.items) == 1
    room = limit - _length(head)
    return head + fit(message, lambda one: _show(one, item_limit, alone=alone), room, _length)


def _show(item: Item, limit: int, *, alone: bool) -> str:
    # the headline of a lone alert has told its title
    title = "" if alone else f"<b>{_escape(item.heading, _TITLE)}</b>\n"
    text = f"{_escape(item.text, limit)}\n" if item.text else ""
    return f"{title}{text}<i>{_escape(item.footing, _TITLE)}</i>"


def _escape(text: str, limit: int) -> str:
    return html.escape(cut(text, limit, utf16_length), quote=False)


def _length(text: str) -> int:
    """Return what Telegram counts; entities and tags count less, so this is never too little."""
    bare = text
    for tag in ("<b>", "</b>", "<i>", "</i>"):
        bare = bare.replace(tag, "")
    return utf16_length(html.unescape(bare))
