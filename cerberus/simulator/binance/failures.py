"""How Binance says no: code, text and HTTP status; the core's refusals in its words."""

from dataclasses import dataclass

from cerberus.simulator.entities import FUTURES, Account
from cerberus.simulator.refusals import Refused


class Failed(Exception):
    """A request that is refused; nothing has changed."""

    def __init__(
        self, code: int, message: str, status: int = 400, retry_after: int | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class _Words:
    code: int
    message: str


_NO_FUNDS = _Words(-2010, "Account has insufficient balance for requested action.")
_REDUCE_ONLY = _Words(-2022, "ReduceOnly Order is rejected.")
_TRIGGERS_NOW = _Words(-2021, "Order would immediately trigger.")
_LEVERAGE = _Words(-4028, "Leverage is not valid.")

_SPOT = {
    "BALANCE_NOT_ENOUGH": _NO_FUNDS,
    "POC_FILL_IMMEDIATELY": _Words(-2010, "Order would immediately match and take."),
    "PRICE_THRESHOLD_EXCEEDED": _Words(-1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
    "INVALID_PRECISION": _Words(-1013, "Filter failure: LOT_SIZE"),
}
_FUTURES = {
    "INSUFFICIENT_AVAILABLE": _Words(-2019, "Margin is insufficient."),
    "POSITION_EMPTY": _REDUCE_ONLY,
    "INCREASE_POSITION": _REDUCE_ONLY,
    "ORDER_POC_IMMEDIATE": _Words(
        -5022,
        "Due to the order could not be executed as maker, the Post Only order will be rejected.",
    ),
    "ORDER_FOK": _Words(
        -5021,
        "Due to the order could not be filled immediately, the FOK order has been rejected.",
    ),
    "SIZE_TOO_SMALL": _Words(-4003, "Quantity less than or equal to zero."),
    "SIZE_TOO_LARGE": _Words(-4005, "Quantity greater than max quantity."),
    "PRICE_TOO_DEVIATED": _Words(-4131, "The counterparty's best price does not meet the filter."),
    "TOO_MANY_ORDERS": _Words(-2025, "Reach max open order limit."),
    "RISK_LIMIT_EXCEEDED": _Words(
        -2027, "Exceeded the maximum allowable position at current leverage."
    ),
    "LEVERAGE_TOO_HIGH": _LEVERAGE,
    "LEVERAGE_TOO_LOW": _LEVERAGE,
    "LIQUIDATE_IMMEDIATELY": _Words(
        -2028, "Leverage is smaller than permitted: insufficient margin balance."
    ),
    "REMOVE_TOO_MUCH": _Words(-4051, "Isolated balance insufficient."),
    "AUTO_TRIGGER_PRICE_GREATE_LAST": _TRIGGERS_NOW,
    "AUTO_TRIGGER_PRICE_LESS_LAST": _TRIGGERS_NOW,
}


def failure_of(refusal: Refused, account: Account) -> Failed:
    """Return a refusal of the core in Binance's words."""
    table = _FUTURES if account == FUTURES else _SPOT
    words = table.get(refusal.label)
    if words is None:
        return Failed(-1013, refusal.message)
    return Failed(words.code, words.message)


def missing(name: str) -> Failed:
    """Refuse a request that lacks a parameter."""
    text = f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
    return Failed(-1102, text)


def illegal(name: str, legal: str) -> Failed:
    """Refuse a parameter's form."""
    text = f"Illegal characters found in parameter '{name}'; legal range is '{legal}'."
    return Failed(-1100, text)


def filter_failure(name: str) -> Failed:
    """Refuse an order that one of the symbol's filters does not let through."""
    return Failed(-1013, f"Filter failure: {name}")


def bad_symbol() -> Failed:
    """Refuse a symbol that is not listed."""
    return Failed(-1121, "Invalid symbol.")


def unknown_order() -> Failed:
    """Refuse to show what is not there."""
    return Failed(-2013, "Order does not exist.")


def not_cancelled() -> Failed:
    """Refuse to cancel what is not open."""
    return Failed(-2011, "Unknown order sent.")
