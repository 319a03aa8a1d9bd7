"""What each vendor's API demands of a request, as its reference documents it."""

import html.parser
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeAlias

Answer: TypeAlias = tuple[int, dict[str, str], object]

BOT_TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"
CHAT = "-1001234567890"
DISCORD_PATH = "/api/webhooks/1187654321/Zk3w-fake_webhook_token_for_tests"
SLACK_PATH = "/services/T00000000/B00000000/fakeWebhookTokenOfTests1"
ROUTING_KEY = "e93facc04764012d7bfb002500d5d1a6"
#: a rules file by which everything goes to one phone, whose address is to be filled in
ALL_TO_TELEGRAM = """\
channels:
  telegram: {{type: telegram, url: "{url}", token_secret: bot_token, chat_secret: bot_chat}}
levels:
  INFO: {{channels: [telegram]}}
  WARNING: {{channels: [telegram]}}
  CRITICAL: {{channels: [telegram]}}
  EMERGENCY: {{channels: [telegram]}}
"""

TELEGRAM_TAGS = {"b", "strong", "i", "em", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"}
DISCORD_EMBED = {"title": 256, "description": 4096}
SLACK_ESCAPES = re.compile(r"&(?!amp;|lt;|gt;)|[<>]")


class Refused(Exception):
    """The vendor's refusal."""

    def __init__(self, status: int, told: object) -> None:
        super().__init__(str(told))
        self.status = status
        self.told = told


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class _TelegramHtml(html.parser.HTMLParser):
    """Refuses unknown, unclosed and wrongly nested tags, and keeps the bare text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        if tag not in TELEGRAM_TAGS:
            raise _telegram(400, f'can\'t parse entities: Unsupported start tag "{tag}"')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise _telegram(400, "can't parse entities: Unexpected end tag")

    def handle_data(self, data: str) -> None:
        if "<" in data:
            raise _telegram(400, "can't parse entities: unescaped <")
        self.text += data

    def handle_entityref(self, name: str) -> None:
        if name not in ("lt", "gt", "amp", "quot"):
            raise _telegram(400, f"can't parse entities: unknown entity {name}")
        self.text += "."


def _telegram(status: int, told: str) -> Refused:
    reason = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}[status]
    description = f"{reason}: {told}" if told else reason
    return Refused(status, {"ok": False, "error_code": status, "description": description})


def _telegram_text(told: dict[str, Any], name: str, limit: int, too_long: str) -> None:
    parser = _TelegramHtml()
    parser.feed(told[name])
    parser.close()
    if parser.open:
        raise _telegram(400, f"can't parse entities: Can't find end tag for {parser.open[-1]}")
    if _units(parser.text) > limit:
        raise _telegram(400, too_long)
    if name == "text" and not parser.text.strip():
        raise _telegram(400, "message text is empty")


def telegram(path: str, told: dict[str, Any]) -> Answer:
    found = re.fullmatch(r"/bot([^/]+)/(sendMessage|sendPhoto)", path)
    if found is None:
        raise _telegram(404, "")
    if found[1] != BOT_TOKEN:
        raise _telegram(401, "")
    if str(told.get("chat_id")) != CHAT:
        raise _telegram(400, "chat not found")
    if told.get("parse_mode") != "HTML":
        raise _telegram(400, "unsupported parse_mode")
    if found[2] == "sendPhoto":
        if not isinstance(told.get("photo"), bytes) or len(told["photo"]) > 10 * 1024 * 1024:
            raise _telegram(400, "PHOTO_INVALID_DIMENSIONS")
        _telegram_text(told, "caption", 1024, "message caption is too long")
    else:
        _telegram_text(told, "text", 4096, "message is too long")
    message = {
        "message_id": 1,
        "date": 1763744701,
        "chat": {"id": int(CHAT), "type": "supergroup", "title": "Cerberus"},
    }
    return 200, {}, {"ok": True, "result": message}


def discord(path: str, told: dict[str, Any]) -> Answer:
    if path != f"{DISCORD_PATH}?wait=true":
        raise Refused(404, {"message": "Unknown Webhook", "code": 10015})
    body = json.loads(told["payload_json"]) if "payload_json" in told else told
    errors = list(_discord_errors(body, told))
    if errors:
        raise Refused(400, {"message": "Invalid Form Body", "code": 50035, "errors": errors})
    return 200, {}, {"id": "1"}


def _discord_errors(body: dict[str, Any], told: dict[str, Any]) -> Iterator[str]:
    embeds = body.get("embeds", [])
    if set(body) - {"content", "embeds", "allowed_mentions", "username", "avatar_url"}:
        yield "unknown field"
    if not body.get("content") and not embeds:
        yield "Cannot send an empty message"
    if _units(body.get("content", "")) > 2000 or len(embeds) > 10:
        yield "content or embeds too long"
    for embed in embeds:
        yield from _embed_errors(embed, told)
    texts = [embed.get(name, "") for embed in embeds for name in DISCORD_EMBED]
    texts += [embed["footer"]["text"] for embed in embeds]
    if sum(map(_units, texts)) > 6000:
        yield "embeds exceed maximum size of 6000"


def _embed_errors(embed: dict[str, Any], told: dict[str, Any]) -> Iterator[str]:
    for name, limit in DISCORD_EMBED.items():
        if not 1 <= _units(embed.get(name, "x")) <= limit:
            yield f"{name} must be 1-{limit} in length"
    if _units(embed["footer"]["text"]) > 2048 or not isinstance(embed["color"], int):
        yield "footer or color"
    datetime.fromisoformat(embed["timestamp"])
    url = embed.get("image", {}).get("url", "")
    if url and (url != "attachment://picture.png" or "files[0]" not in told):
        yield "image without its file"


def slack(path: str, told: dict[str, Any]) -> Answer:
    if path != SLACK_PATH:
        raise Refused(404, "no_service")
    blocks = told.get("blocks", [])
    if not told.get("text") or len(blocks) > 50 or set(told) - {"text", "blocks"}:
        raise Refused(400, "invalid_payload")
    for block in blocks:
        _slack_block(block)
    if SLACK_ESCAPES.search(told["text"]):
        raise Refused(400, "invalid_payload")
    return 200, {}, "ok"


def _slack_block(block: dict[str, Any]) -> None:
    limits = {
        "header": ("plain_text", 150),
        "section": ("mrkdwn", 3000),
        "context": ("mrkdwn", 2000),
    }
    if block["type"] not in limits:
        raise Refused(400, "invalid_blocks")
    kind, limit = limits[block["type"]]
    texts = block["elements"] if block["type"] == "context" else [block["text"]]
    for text in texts:
        if text["type"] != kind or not 1 <= len(text["text"]) <= limit:
            raise Refused(400, "invalid_blocks")
        if kind == "mrkdwn" and SLACK_ESCAPES.search(text["text"]):
            raise Refused(400, "invalid_blocks")
        if kind == "plain_text" and "\n" in text["text"]:
            raise Refused(400, "invalid_blocks")


def pagerduty(path: str, told: dict[str, Any]) -> Answer:
    if path != "/v2/enqueue":
        raise Refused(404, {"status": "not found"})
    errors = list(_event_errors(told))
    if errors:
        told_back = {"status": "invalid event", "message": "Event object is invalid"}
        raise Refused(400, told_back | {"errors": errors})
    return 202, {}, {"status": "success", "dedup_key": told["dedup_key"]}


def _event_errors(told: dict[str, Any]) -> Iterator[str]:
    if told.get("routing_key") != ROUTING_KEY:
        yield "'routing_key' is invalid"
    if told.get("event_action") not in ("trigger", "acknowledge", "resolve"):
        yield "'event_action' is invalid"
    if not 1 <= len(told.get("dedup_key", "")) <= 255:
        yield "'dedup_key' is invalid"
    if told.get("event_action") == "trigger":
        yield from _payload_errors(told.get("payload", {}))


def _payload_errors(payload: dict[str, Any]) -> Iterator[str]:
    if not 1 <= len(payload.get("summary", "")) <= 1024:
        yield "'payload.summary' is too long"
    if payload.get("severity") not in ("critical", "error", "warning", "info"):
        yield "'payload.severity' is invalid"
    if not payload.get("source"):
        yield "'payload.source' is missing"
    datetime.fromisoformat(payload["timestamp"])


CHECKS: dict[str, Callable[[str, dict[str, Any]], Answer]] = {
    "telegram": telegram,
    "discord": discord,
    "slack": slack,
    "pagerduty": pagerduty,
}
