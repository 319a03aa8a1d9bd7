"""Messages that are hard on a channel."""

from datetime import UTC, datetime

from cerberus.domain.alerts.alert import Level
from cerberus.domain.alerts.delivery import Kind
from cerberus.domain.alerts.message import AlertMessage, Item

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)
#: markup of every vendor, broken on purpose, and letters of two UTF-16 units
NASTY = (
    "<b>&amp; </i> <script>alert(1)</script> *bold* _it_ `code` [a](http://x.y) @everyone "
    "<@123> <!channel> <https://x.y|z> ~s~ ||spoiler|| # h \\ \x00\x07 \u202e \U0001f600"
)


def item(
    title: str = "a title",
    text: str = "a text",
    kind: Kind = Kind.RAISED,
    level: Level = Level.CRITICAL,
    number: int = 0,
    source: str = "cerberus.test",
) -> Item:
    return Item(
        alert_id=f"0195-{number}",
        fingerprint="f" * 64,
        name="probe",
        kind=kind,
        level=level,
        title=title,
        text=text,
        source=source,
        at=NOW,
        count=3,
    )


def message(*items: Item, picture: bytes | None = None) -> AlertMessage:
    found = items or (item(),)
    return AlertMessage("0195-message", found[0].level, found, picture)


CASES = {
    "short": message(),
    "without a text": message(item(text="")),
    "markup": message(item(NASTY, NASTY, source=NASTY)),
    "line breaks": message(item("one\r\ntwo: x", "a\nb\r\nc")),
    "long": message(item("t" * 200, "x" * 8000)),
    "long markup": message(item("<" * 200, "&<>" * 2600)),
    "long emoji": message(item("\U0001f600" * 200, "\U0001f600" * 8000)),
    "long markup of discord": message(item("*" * 200, "_" * 8000)),
    "many": message(*(item(f"title {n}", "text " * 20, number=n) for n in range(500))),
    "many long": message(*(item("<" * 200, "&" * 8000, number=n) for n in range(12))),
    "resolved": message(item(kind=Kind.RESOLVED)),
    "reminded and escalated": message(item(kind=Kind.REMINDED), item(kind=Kind.ESCALATED)),
    "emergency": message(item(level=Level.EMERGENCY)),
    "information": message(item(level=Level.INFO)),
    "with a picture": message(item(NASTY, "x" * 8000), picture=PNG),
}
