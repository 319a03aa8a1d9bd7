"""Slack: an incoming webhook, in Block Kit, with mrkdwn's three characters escaped."""

from dataclasses import dataclass

from cerberus.adapters.notify.post import Poster
from cerberus.adapters.notify.text import cut, one_line
from cerberus.domain.alerts.alert import Level
from cerberus.domain.alerts.message import AlertMessage, Item, Mood, more

#: Slack's limits
HEADER, SECTION, BLOCKS, CONTEXT = 150, 3000, 50, 2000
#: each alert takes two blocks, beside header and rest
_ITEMS = 20
_SIGNS = {
    Level.INFO: ":information_source:",
    Level.WARNING: ":warning:",
    Level.CRITICAL: ":red_circle:",
    Level.EMERGENCY: ":rotating_light:",
}


@dataclass(frozen=True, slots=True)
class SlackChannel:
    """One incoming webhook; it takes no pictures."""

    name: str
    poster: Poster
    webhook: str
    takes_groups = True
    follows = False

    async def send(self, message: AlertMessage) -> None:
        """Send a message."""
        blocks: list[dict[str, object]] = [_header(message)]
        for item in message.items[:_ITEMS]:
            blocks += _blocks(item, SECTION if len(message.items) == 1 else 700)
        rest = more(len(message.items) - _ITEMS) if len(message.items) > _ITEMS else ""
        if rest:
            blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": rest}]})
        # what a phone shows
        body = {"text": _escape(one_line(message.headline), 300), "blocks": blocks}
        await self.poster.post(self.name, self.webhook, json_body=body)


def _header(message: AlertMessage) -> dict[str, object]:
    is_over = message.mood is Mood.RESOLVED
    sign = ":white_check_mark:" if is_over else _SIGNS[message.level]
    # a header is plain text, in which nothing is escaped
    text = f"{sign} {cut(one_line(message.headline), HEADER - len(sign) - 1)}"
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": True}}


def _blocks(item: Item, limit: int) -> list[dict[str, object]]:
    title = f"*{_escape(one_line(item.heading), 300)}*"
    text = f"{title}\n{_escape(item.text, limit - len(title) - 1)}" if item.text else title
    footing = _escape(one_line(item.footing), CONTEXT)
    return [
        {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": footing, "verbatim": True}]},
    ]


def _escape(text: str, limit: int) -> str:
    shorter = cut(text, limit, lambda part: len(_escaped(part)))
    return _escaped(shorter)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
