"""The forms in which a secret value shows up: as it is, and as filters and encoders write it.

Upper and lower case of A to Z need no form of their own: what looks for them takes both as equal.
Within base 64 letters mean bytes, so that a value is encoded in each of its cases.
"""

import base64
import html
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

#: shorter values would blot out ordinary words
SHORTEST_HIDDEN = 6
#: a line of a value of many lines, and what is left of base 64 within a longer text
SHORTEST_PART = 10


def forms_of(values: Iterable[str]) -> list[str]:
    """Return every form of every value, the longest first."""
    found = {
        form
        for value in values
        if len(value) >= SHORTEST_HIDDEN
        for form in _forms(value)
        if len(form) >= SHORTEST_HIDDEN
    }
    return sorted(found, key=lambda form: (-len(form), form))


def _forms(value: str) -> Iterator[str]:
    parts = [line.strip() for line in value.splitlines() if len(line.strip()) >= SHORTEST_PART]
    for text in {value, value.strip(), *parts}:
        for cased in {text, text.upper(), text.lower(), text.title(), text.capitalize()}:
            yield from _encoded(cased)
            if cased == text or not text.isascii():
                yield from _written(cased)


def _written(text: str) -> Iterator[str]:
    for written in {text, text[::-1], *_escaped(text)}:
        yield written
        # an answer of the API is JSON, and so may be a text inside it
        yield from _as_json(written)


def _as_json(text: str) -> Iterator[str]:
    texts = {text}
    for _ in range(2):
        texts = {
            json.dumps(each, ensure_ascii=way)[1:-1] for each in texts for way in (True, False)
        }
        yield from texts


def _escaped(text: str) -> Iterator[str]:
    for double in ("&quot;", "&#34;"):
        for single in ("&#x27;", "&#39;", "&apos;"):
            yield html.escape(text).replace("&quot;", double).replace("&#x27;", single)
    yield text.replace("'", "''")
    yield quote(text, safe="")
    yield quote_plus(text)
    yield quote_plus(text, safe="*").replace("~", "%7E")  # Java's way
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    yield re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")  # slugify


def _encoded(text: str) -> Iterator[str]:
    data = text.encode()
    yield data.hex()
    standard = base64.b64encode(data).decode()
    yield quote(standard, safe="")
    for encoded in {*_within_base64(data), *_within_base64(standard.encode())}:
        yield encoded
        yield encoded.replace("+", "-").replace("/", "_")


def _within_base64(data: bytes) -> Iterator[str]:
    """Yield what base 64 makes of the bytes, wherever in a longer text they begin.

    `user:secret` is the best known of them. Letters that hold a neighbour's bits are left out.
    """
    yield base64.b64encode(data).decode().rstrip("=")
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + data).decode().rstrip("=")
        bits = (before + len(data)) * 8
        first = -(-before * 8 // 6)
        core = encoded[first : bits // 6]
        if len(core) >= SHORTEST_PART:
            yield core
