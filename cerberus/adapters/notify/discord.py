"""Discord: a webhook, one embed for each alert, nobody pinged by what an alert says."""

import json
import re
from dataclasses import dataclass

import aiohttp

from cerberus.adapters.notify.post import Poster
from cerberus.adapters.notify.text import cut, utf16_length
from cerberus.domain.alerts.alert import Level
from cerberus.domain.alerts.message import AlertMessage, Item, Mood, more

#: Discord's limits, and for all texts of a message together
CONTENT, TITLE, DESCRIPTION, FOOTER, EMBEDS, TOGETHER = 2000, 256, 4096, 2048, 10, 6000
_COLOURS = {
    Level.INFO: 0x3498DB,
    Level.WARNING: 0xF1C40F,
    Level.CRITICAL: 0xE74C3C,
    Level.EMERGENCY: 0x992D22,
}
_RESOLVED = 0x2ECC71
_MARKUP = re.compile(r"([\\*_`~|>#\[\]()<@:-])")


@dataclass(frozen=True, slots=True)
class DiscordChannel:
    """One webhook."""

    name: str
    poster: Poster
    webhook: str
    takes_groups = True
    follows = False

    async def send(self, message: AlertMessage) -> None:
        """Send a message; `wait` lets Discord say whether it has taken it."""
        body = _body(message)
        # a webhook of a thread has a query already
        url = f"{self.webhook}{'&' if '?' in self.webhook else '?'}wait=true"
        picture = message.picture
        if picture is None:
            await self.poster.post(self.name, url, json_body=body)
            return
        shown = body["embeds"]
        if isinstance(shown, list):
            shown[0]["image"] = {"url": "attachment://picture.png"}

        def form() -> aiohttp.FormData:
            fields = aiohttp.FormData()
            fields.add_field("payload_json", json.dumps(body), content_type="application/json")
            fields.add_field("files[0]", picture, filename="picture.png", content_type="image/png")
            return fields

        await self.poster.post(self.name, url, form=form)


def _body(message: AlertMessage) -> dict[str, object]:
    content = _escape(message.headline, 400)
    embeds: list[dict[str, object]] = []
    # the line for what does not fit is kept free
    left = TOGETHER - 100
    for item in message.items[:EMBEDS]:
        embed, length = _embed(item, message.mood, max(left, 300))
        if embeds and length > left:
            break
        embeds.append(embed)
        left -= length
    rest = more(len(message.items) - len(embeds))
    return {
        "content": f"**{content}**" + (f"\n{rest}" if rest else ""),
        "embeds": embeds,
        "allowed_mentions": {"parse": []},
    }


def _embed(item: Item, mood: Mood, room: int) -> tuple[dict[str, object], int]:
    colour = _RESOLVED if mood is Mood.RESOLVED else _COLOURS[item.level]
    title = _escape(item.heading, TITLE)
    footer = cut(item.footing, 250, utf16_length)
    texts = utf16_length(title) + utf16_length(footer)
    text = _escape(item.text, max(1, min(DESCRIPTION, room - texts))) if item.text else ""
    embed: dict[str, object] = {
        "title": title,
        "color": colour,
        "footer": {"text": footer},
        "timestamp": item.at.isoformat(),
    }
    if text:
        embed["description"] = text
    return embed, texts + utf16_length(text)


def _escape(text: str, limit: int) -> str:
    """Return a text without markup that is within a limit with its backslashes."""
    shorter = cut(text, limit, lambda part: utf16_length(_MARKUP.sub(r"\\\1", part)))
    return _MARKUP.sub(r"\\\1", shorter)
