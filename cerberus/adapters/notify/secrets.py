"""Keep secrets out of what people are sent: known ones, and what looks like one."""

import re
from collections.abc import Callable, Iterable
from urllib.parse import quote

_HIDDEN = "[secret]"
#: a shorter value could be a word of any text
_SHORTEST = 6
_LOOKS_SECRET = re.compile(
    r"(?i:bearer\s+)[\w.~+/-]{8,}=*"
    r"|\b\d{6,12}:[\w-]{30,}"
    r"|(?i:\b(?:api[_-]?key|api[_-]?secret|password|passwd|token|secret|signature)\b"
    r"[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;}]{6,}"
    r"|://[^/\s:@]+:[^/\s@]+(?=@)"
)


def redactor(secrets: Iterable[str]) -> Callable[[str], str]:
    """Return a function that takes these secrets, and what looks like one, out of a text."""
    known = {form for one in secrets if len(one) >= _SHORTEST for form in (one, quote(one, ""))}
    parts = [re.escape(one) for one in sorted(known, key=len, reverse=True)]
    exact = re.compile("|".join(parts)) if parts else None

    def redact(text: str) -> str:
        without = text if exact is None else exact.sub(_HIDDEN, text)
        return _LOOKS_SECRET.sub(_HIDDEN, without)

    return redact
