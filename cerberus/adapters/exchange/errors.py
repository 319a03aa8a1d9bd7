"""ccxt's exceptions as ours: what was certainly refused, and what may have had an effect."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import ccxt

from cerberus.adapters.exchange.clock_skew import is_clock_skew
from cerberus.errors import (
    CerberusError,
    ClockSkewed,
    OutOfFunds,
    RateLimited,
    Rejected,
    Transient,
    Unknown,
)

#: refusals that leave no doubt: the venue has read the request and said no
_REFUSALS = (
    ccxt.InvalidOrder,
    ccxt.BadRequest,
    ccxt.AuthenticationError,
    ccxt.ArgumentsRequired,
    ccxt.NotSupported,
    ccxt.OperationRejected,
    ccxt.AccountNotEnabled,
)
#: refusals that ccxt has no class of its own for, by the venue's label
_REFUSAL_LABELS = (
    "FOK_NOT_FILL",
    "ORDER_FOK",
    "RISK_LIMIT_EXCEEDED",
    "CONTRACT_NO_COUNTER",
    "CONTRACT_IN_DELISTING",
    "POSITION_IN_LIQUIDATION",
    "POSITION_IN_CLOSE",
)
#: Gate.io's and Bybit's words for a client id that is taken, which ccxt files under other errors
_DUPLICATES = ("REPEATED_CREATION", '"retCode":110072')
#: an address may hold a signature and a key
_ADDRESS = re.compile(r"\w+://\S+")
#: what ccxt's parsers raise over a body that is no answer
_MALFORMED = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)


@contextmanager
def translated(*, sends: bool) -> Iterator[None]:
    """Translate what ccxt raises; with `sends` every doubt is Unknown, else it is Transient."""
    try:
        yield
    except CerberusError:
        raise
    except ccxt.BaseError as error:
        raise _translate(error, sends=sends) from error
    except _MALFORMED as error:
        message = f"the venue's answer was malformed ({type(error).__name__})"
        raise (Unknown if sends else Transient)(message) from error


def is_over(error: ccxt.BaseError) -> bool:
    """Return whether a cancel was refused because its order is finished, or was never there."""
    return isinstance(error, ccxt.InvalidOrder) or _has_label(
        error, "ORDER_FINISHED", "AUTO_ORDER_NOT_FOUND"
    )


def label(error: BaseException) -> str:
    """Return a short text of a ccxt error, without addresses or keys."""
    return f"{type(error).__name__}: {_ADDRESS.sub('(address)', str(error))[:200]}"


def _translate(error: ccxt.BaseError, *, sends: bool) -> CerberusError:
    if is_clock_skew(error):
        return ClockSkewed(f"the venue refused the time of the request ({label(error)})")
    if isinstance(error, ccxt.RateLimitExceeded | ccxt.DDoSProtection):
        seconds = getattr(error, "retry_after_seconds", None)
        return RateLimited(f"the venue's rate limit was reached ({label(error)})", seconds)
    if isinstance(error, ccxt.DuplicateOrderId) or _has_code(error, *_DUPLICATES):
        return Unknown("the venue holds an order with this client id already")
    if isinstance(error, ccxt.InsufficientFunds):
        return OutOfFunds(label(error))
    if isinstance(error, _REFUSALS) or _has_label(error, *_REFUSAL_LABELS):
        return Rejected(label(error))
    if _never_sent(error):
        return Transient("the venue cannot be reached")
    if sends:
        return Unknown(label(error))
    return Transient(label(error))


def _has_label(error: ccxt.BaseError, *labels: str) -> bool:
    text = str(error)
    return any(f'"{known}"' in text for known in labels)


def _has_code(error: ccxt.BaseError, *codes: str) -> bool:
    return any(code in str(error) for code in codes)


def _never_sent(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, aiohttp.ClientConnectorError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
