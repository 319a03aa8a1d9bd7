"""Reading what Binance answers: refusals, waits, stop orders."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import ccxt

#: the types of spot orders that wait for a price
STOP_TYPES = ("STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT")
#: after a 418 or 429 that names no time
COOL_OFF_SECONDS = 60.0

#: the outcome of the request is not known, whatever the status
_DOUBTFUL = (-1000, -1001, -1004, -1006, -1007, -1008, -1016)
#: ccxt has a fitting class of its own for these
_CLASSED = (-1003, -1015, -1021, -1131)


def refusal_of(status: int, answer: Any, text: str) -> ccxt.BaseError | None:
    """Return what ccxt does not tell: a duplicate, and refusals it has no class for.

    A 4xx with a code of the venue means that the request was read and refused.
    """
    if not (400 <= status < 500) or not isinstance(answer, Mapping):
        return None
    code, message = answer.get("code"), str(answer.get("msg"))
    if not _is_integer(code):
        return None
    number = int(str(code))
    if number == -4116 or (number == -2010 and message.startswith("Duplicate")):
        return ccxt.DuplicateOrderId(text)
    if number in (-2015, -2014):
        # ccxt takes the former for a rate limit once a call has succeeded
        return ccxt.PermissionDenied(text)
    return None


def is_refusal(status: int, answer: Any) -> bool:
    """Return whether an answer says for certain that nothing was done."""
    if not (400 <= status < 500) or not isinstance(answer, Mapping):
        return False
    code = answer.get("code")
    return _is_integer(code) and int(str(code)) not in (*_DOUBTFUL, *_CLASSED)


def cool_off_seconds(headers: Mapping[str, str]) -> float:
    """Return how long the venue says to wait."""
    told = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    return float(told) if told.isdecimal() else COOL_OFF_SECONDS


def is_stop(order: Mapping[str, Any]) -> bool:
    """Return whether a spot order waits, or has waited, for a price."""
    return str(order["info"].get("type")) in STOP_TYPES


def with_placed_order(order: dict[str, Any]) -> dict[str, Any]:
    """Add which order a trigger has placed, and how it ended, to its raw answer.

    A futures trigger places an order with another id, a spot one becomes it.
    """
    info = order["info"]
    if "algoId" in info:
        extra = {"trade_id": info.get("actualOrderId"), "finish_as": info.get("algoStatus")}
    elif is_stop(order) and Decimal(info.get("executedQty") or 0) > 0:
        extra = {"trade_id": info["orderId"], "finish_as": info["status"]}
    else:
        return order
    return {**order, "info": {**info, **extra}}


def _is_integer(code: object) -> bool:
    return str(code).removeprefix("-").isdecimal()
