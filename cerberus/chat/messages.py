"""Answers as messages: Telegram's HTML, in parts that it takes."""

import html
from collections.abc import Iterator

#: Telegram takes 4096 UTF-16 units; the markup needs some
PART_UNITS = 3800
MOST_PARTS = 4
_MORE = "... and more, see the API"


def parts(text: str) -> list[str]:
    """Return a text as messages of equally wide letters, cut between lines."""
    found = list(_parts(text.strip() or "nothing"))
    if len(found) > MOST_PARTS:
        found = [*found[: MOST_PARTS - 1], _cut(found[MOST_PARTS - 1], PART_UNITS // 2) + _MORE]
    return [f"<pre>{html.escape(part, quote=False)}</pre>" for part in found]


def chart(values: list[float], width: int = 32, height: int = 8) -> str:
    """Return a series as columns of blocks, the lowest value at the bottom."""
    if len(values) < 2:
        return "no chart of fewer than two trades"
    shown = [values[index * (len(values) - 1) // (width - 1)] for index in range(width)]
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    levels = [round((one - low) / span * (height - 1)) for one in shown]
    rows = [
        "".join("█" if level >= row else " " for level in levels)
        for row in range(height - 1, -1, -1)
    ]
    rows[0] += f" {high:+.2f}"
    rows[-1] += f" {low:+.2f}"
    return "\n".join(rows)


def _parts(text: str) -> Iterator[str]:
    part = ""
    for whole in text.splitlines():
        line = _cut(whole, PART_UNITS - 1)
        if part and _units(part) + _units(line) + 1 > PART_UNITS:
            yield part
            part = ""
        part += f"{line}\n"
    yield part


def _cut(text: str, units: int) -> str:
    if _units(text) <= units:
        return text
    kept = text.encode("utf-16-le", "surrogatepass")[: 2 * units - 2]
    return kept.decode("utf-16-le", "ignore") + "…"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
