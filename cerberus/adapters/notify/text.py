"""Fit text into a vendor's limits, without cutting through what its escaping has made."""

from collections.abc import Callable

from cerberus.domain.alerts.message import AlertMessage, Item, more

_CUT = "…"


def cut(text: str, limit: int, measure: Callable[[str], int] = len) -> str:
    """Return the longest beginning of a text that a measure finds within a limit."""
    if measure(text) <= limit:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure(text[:middle] + _CUT) <= limit else (low, middle - 1)
    return text[:low] + _CUT if limit >= measure(_CUT) else ""


def utf16_length(text: str) -> int:
    """Return the length in UTF-16 code units, as Telegram and JavaScript count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fit(
    message: AlertMessage,
    show: Callable[[Item], str],
    limit: int,
    measure: Callable[[str], int] = len,
    between: str = "\n\n",
) -> str:
    """Return as many alerts as fit, and how many there are beside; the first is always there."""
    shown = [show(message.items[0])]
    # room for the line that stands for the rest
    room = limit - measure(between + more(len(message.items)))
    length = measure(shown[0])
    for item in message.items[1:]:
        text = show(item)
        length += measure(between + text)
        if length > room:
            break
        shown.append(text)
    rest = more(len(message.items) - len(shown))
    return between.join([*shown, rest] if rest else shown)


def one_line(text: str) -> str:
    """Return a text without line breaks and other control characters."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def plain(item: Item) -> str:
    """Return an alert as plain text."""
    return "\n".join((f"{item.level}: {item.heading}", item.text, item.footing))
