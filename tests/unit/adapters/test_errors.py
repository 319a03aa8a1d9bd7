from contextlib import suppress

import aiohttp
import ccxt
import pytest

from cerberus.adapters.exchange.errors import is_over, label, translated
from cerberus.errors import CerberusError, NotFound, Rejected, Transient, Unknown


def chained(error: Exception, cause: Exception) -> Exception:
    with suppress(type(error)):
        raise error from cause
    return error


def connector() -> aiohttp.ClientConnectorError:
    key = aiohttp.client_reqrep.ConnectionKey("x", 1, False, True, None, None, None)
    return aiohttp.ClientConnectorError(key, OSError(111, "refused"))


@pytest.mark.parametrize(
    ("error", "sending", "reading"),
    [
        (ccxt.InsufficientFunds("no"), Rejected, Rejected),
        (ccxt.InvalidOrder("no"), Rejected, Rejected),
        (ccxt.OrderImmediatelyFillable("no"), Rejected, Rejected),
        (ccxt.BadRequest("no"), Rejected, Rejected),
        (ccxt.PermissionDenied("no"), Rejected, Rejected),
        (ccxt.MarketClosed("no"), Rejected, Rejected),
        (ccxt.ExchangeError('gate {"label":"FOK_NOT_FILL"}'), Rejected, Rejected),
        (ccxt.ExchangeError('gate {"label":"RISK_LIMIT_EXCEEDED"}'), Rejected, Rejected),
        (ccxt.DuplicateOrderId("twice"), Unknown, Unknown),
        (ccxt.InvalidOrder('gate {"label":"REPEATED_CREATION"}'), Unknown, Unknown),
        (ccxt.RateLimitExceeded("slow down"), Transient, Transient),
        (ccxt.DDoSProtection("418"), Transient, Transient),
        (ccxt.RequestTimeout("10 s"), Unknown, Transient),
        (ccxt.ExchangeNotAvailable("502"), Unknown, Transient),
        (ccxt.OnMaintenance("back soon"), Unknown, Transient),
        (ccxt.BadResponse("<html>"), Unknown, Transient),
        (ccxt.NullResponse("nothing"), Unknown, Transient),
        (ccxt.ExchangeError("a new word"), Unknown, Transient),
        (chained(ccxt.ExchangeNotAvailable("no route"), connector()), Transient, Transient),
        (
            chained(ccxt.NetworkError("reset"), aiohttp.ServerDisconnectedError()),
            Unknown,
            Transient,
        ),
        (TypeError("no list"), Unknown, Transient),
        (ValueError("no json"), Unknown, Transient),
        (KeyError("id"), Unknown, Transient),
        (IndexError("empty"), Unknown, Transient),
        (AttributeError("no field"), Unknown, Transient),
        (ArithmeticError("no number"), Unknown, Transient),
        (ZeroDivisionError("no number"), Unknown, Transient),
        (NotFound("ours"), NotFound, NotFound),
    ],
)
def test_what_a_send_leaves_in_doubt_is_unknown_and_what_a_read_does_is_transient(
    error: Exception, sending: type[CerberusError], reading: type[CerberusError]
) -> None:
    for sends, expected in ((True, sending), (False, reading)):
        with pytest.raises(expected), translated(sends=sends):
            raise error


def test_nothing_is_translated_when_nothing_fails() -> None:
    with translated(sends=True):
        pass


def test_what_is_no_error_of_the_venue_passes() -> None:
    with pytest.raises(KeyboardInterrupt), translated(sends=True):
        raise KeyboardInterrupt


def test_a_label_is_short_and_keeps_addresses_and_signatures_to_itself() -> None:
    text = label(
        ccxt.RequestTimeout("binance POST https://venue.example/order?signature=abc&k=1 late" * 9)
    )

    assert len(text) < 220
    assert "signature" not in text
    assert "venue.example" not in text
    assert text.startswith("RequestTimeout: binance POST (address) late")


@pytest.mark.parametrize(
    ("error", "over"),
    [
        (ccxt.OrderNotFound("gone"), True),
        (ccxt.ExchangeError('gate {"label":"ORDER_FINISHED"}'), True),
        (ccxt.BadRequest('gate {"label":"AUTO_ORDER_NOT_FOUND"}'), True),
        (ccxt.RequestTimeout("late"), False),
    ],
)
def test_a_cancel_that_finds_nothing_has_nothing_to_do(error: ccxt.BaseError, over: bool) -> None:
    assert is_over(error) is over
