"""TradingView's alerts: JSON of placeholders, the strategy's default message, or plain words.

==========================================================  =====================================
text                                                        meaning
==========================================================  =====================================
``{"ticker": "BINANCE:BTCUSDT.P", "action": "buy", ...}``   JSON; see `FIELDS` and `PASSED_OVER`
``order buy @ 1 filled on BTCUSDT. New strategy position
is 1``                                                      what a strategy's alert says by default
``symbol=BTCUSDT side=buy sl=4500``                         fields as words
``buy BTCUSDT 0.01``                                        side, symbol, quantity
==========================================================  =====================================
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from cerberus.domain.market import MarketType, parse_symbol
from cerberus.domain.webhooks.bodies import Told, is_object, read_object
from cerberus.errors import Invalid

#: a sender's word -> the signal's field
FIELDS = {
    "symbol": ("symbol", "ticker"),
    "side": ("side", "action", "order_action"),
    "quantity": ("quantity", "qty", "contracts", "amount"),
    "size_usd": ("size_usd",),
    "size_percent": ("size_percent",),
    "entry_type": ("entry_type", "order_type", "type"),
    "price": ("price", "limit_price"),
    "trigger_price": ("trigger_price",),
    "stop_loss": ("stop_loss", "sl"),
    "stop_loss_percent": ("stop_loss_percent", "sl_percent"),
    "take_profit": ("take_profit", "tp"),
    "take_profit_percent": ("take_profit_percent", "tp_percent"),
    "strategy": ("strategy", "strategy_name"),
    "confidence": ("confidence",),
    "leverage": ("leverage",),
    "time_in_force": ("time_in_force",),
    "created_at": ("created_at", "timenow", "timestamp"),
    "expires_at": ("expires_at",),
    "bar": ("bar", "time"),
    "timeframe": ("timeframe", "interval"),
    "id": ("id", "signal_id"),
    "reason": ("reason", "comment", "message", "alert_message"),
}
#: placeholders that tell nothing of the order; any other word may be a misspelt limit
PASSED_OVER = frozenset(
    (
        *("exchange", "open", "high", "low", "close", "volume", "currency", "base_currency"),
        *("order_id", "order_price", "order_comment", "position_size", "market_position"),
        *("market_position_size", "prev_market_position", "prev_market_position_size"),
    )
)
_WORDS = {word: field for field, words in FIELDS.items() for word in words}
_SIDES = {"buy": "buy", "long": "buy", "sell": "sell", "short": "sell"}
_FLAT = "flat"
_LONGEST_REASON = 1000
_UNITS = {"S": "s", "D": "d", "W": "w", "M": "M", "": "m"}
_INTERVAL = re.compile(r"(?P<count>[0-9]{0,4})(?P<unit>[SDWM]?)", re.ASCII)
_DEFAULT_MESSAGE = re.compile(
    r"(?:(?P<strategy>[^\n]{1,200}?): )?order (?P<side>buy|sell) @ (?P<quantity>[0-9.,]{1,40}) "
    r"filled on (?P<symbol>\S{1,60}?)\. New strategy position is (?P<position>-?[0-9.,]{1,40})\.?",
    re.ASCII,
)
_PAIR = re.compile(r"([A-Za-z_]{1,40})[=:]([^\s,;]{1,200})", re.ASCII)
_PLAIN = re.compile(
    r"(?P<side>buy|sell|long|short)\s+(?P<symbol>\S{1,60})(?:\s+(?P<quantity>[0-9.]{1,40}))?",
    re.ASCII | re.IGNORECASE,
)


def read_signal(text: str) -> Told:
    """Return the fields of a signal that a text tells; their values are still to be checked.

    Raises
    ------
    Invalid
        It cannot be understood, or is an order that closes and never opens.
    """
    told = read_object(text) if is_object(text) else _read_words(text)
    fields = dict(_renamed(told))
    for needed in ("symbol", "side"):
        if needed not in fields:
            words = " or ".join(FIELDS[needed])
            raise Invalid(needed, f"it is missing, expected {words}")
    _refuse_close(told)
    fields["symbol"] = ticker(str(fields["symbol"]))
    fields["side"] = _side(str(fields["side"]))
    for name in ("timeframe", "created_at", "bar"):
        if name in fields:
            fields[name] = _interval(fields[name]) if name == "timeframe" else _time(fields[name])
    if "reason" in fields:
        fields["reason"] = str(fields["reason"])[:_LONGEST_REASON]
    _settle_price(fields)
    if "id" not in fields and ("created_at" in fields or "bar" in fields):
        # sent again after a lost answer, it is the same signal
        fields["id"] = "told-" + _digest(told)
    return fields


def ticker(text: str) -> str:
    """Return our spelling of TradingView's: without the exchange, `.P` being the perpetual.

    Raises
    ------
    Invalid
        It is no symbol.
    """
    prefix, colon, rest = text.strip().partition(":")
    bare = rest if colon and prefix.isalnum() and rest else text.strip()
    if bare.upper().endswith(".P"):
        return parse_symbol(bare[:-2], MarketType.SWAP)
    return bare


def _read_words(text: str) -> Told:
    found = _DEFAULT_MESSAGE.fullmatch(text)
    if found is not None:
        told: Told = {name: value for name, value in found.groupdict().items() if value is not None}
        told["position_size"] = told.pop("position")
        told["quantity"] = str(told["quantity"]).replace(",", "")
        return told
    pairs = _PAIR.findall(text)
    if pairs and not _PAIR.sub("", text).strip(" ,;\n\t\r"):
        return dict(pairs)
    plain = _PLAIN.fullmatch(text)
    if plain is not None:
        return {name: value for name, value in plain.groupdict().items() if value is not None}
    raise Invalid("body", f"neither JSON nor an alert of TradingView, was {text[:60]!r}")


def _renamed(told: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    seen: dict[str, str] = {}
    for word, value in told.items():
        field = _WORDS.get(word)
        if field is None:
            if word in PASSED_OVER:
                continue
            raise Invalid(word[:60] or "body", "the field is not known")
        if value is None:
            continue
        if isinstance(value, dict | list | bool):
            raise Invalid(word, f"a text or a number is expected, was {type(value).__name__}")
        if field in seen:
            raise Invalid(word, f"{seen[field]} tells the same")
        seen[field] = word
        yield field, value


def _refuse_close(told: Mapping[str, object]) -> None:
    """Refuse what leaves the strategy flat: with nothing open here it would open the other side."""
    size = str(told.get("position_size", told.get("market_position_size", "")))
    position = str(told.get("market_position", "")).lower()
    try:
        is_zero = bool(size) and Decimal(size.replace(",", "")) == 0
    except InvalidOperation:
        is_zero = False
    if position == _FLAT or is_zero:
        raise Invalid(
            "market_position",
            "an order that ends the strategy's position is not taken: positions end by their own "
            "stop and target, by the opposite signal, or by POST /api/positions/{id}/close",
        )


def _side(text: str) -> str:
    side = _SIDES.get(text.strip().lower())
    if side is None:
        raise Invalid("side", f"expected buy, sell, long or short, was {text[:40]!r}")
    return side


def _interval(told: object) -> object:
    """Return `5m` for 5, `4h` for 240, `1d` for D; anything else as it is."""
    found = _INTERVAL.fullmatch(str(told))
    if found is None or not str(told):
        return told
    count, unit = int(found["count"] or 1), _UNITS[found["unit"]]
    if unit == "m" and count % 60 == 0 and count:
        return f"{count // 60}h"
    return f"{count}{unit}"


def _time(told: object) -> object:
    """Return seconds or milliseconds since 1970 as a time; a text as it is."""
    text = str(told)
    if not (text.isascii() and text.isdigit() and 10 <= len(text) <= 13):
        return told
    seconds = int(text) / (1000 if len(text) == 13 else 1)
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _settle_price(fields: Told) -> None:
    kind = str(fields.get("entry_type", "market")).strip().lower().replace("-", "_")
    fields["entry_type"] = kind
    if kind in ("market", "stop", "take_profit"):
        # the price at which the alert went off, not one to trade at
        fields.pop("price", None)


def _digest(told: Mapping[str, object]) -> str:
    text = json.dumps(told, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
