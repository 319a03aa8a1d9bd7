"""Private spot routes beside trading: balances, and what clients ask when they start."""

from cerberus.simulator import spot
from cerberus.simulator.binance.call import Call, fixed
from cerberus.simulator.binance.symbols import SPOT_FEE_RATE
from cerberus.simulator.entities import SPOT
from cerberus.simulator.venue import Venue

_RATE = fixed(SPOT_FEE_RATE)


def account(venue: Venue, _: Call) -> object:
    """Return the balances; a currency that was never held is shown as zero."""
    return {
        "makerCommission": 10,
        "takerCommission": 10,
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": {"maker": _RATE, "taker": _RATE, "buyer": "0", "seller": "0"},
        "canTrade": True,
        "canWithdraw": False,
        "canDeposit": False,
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": False,
        "updateTime": venue.now_ms,
        "accountType": "SPOT",
        "balances": balances(venue),
        "permissions": ["SPOT"],
        "uid": 1,
    }


def balances(venue: Venue) -> list[dict[str, object]]:
    """Return what is free and what is locked of every currency."""
    return [
        {
            "asset": currency,
            "free": fixed(venue.state.balance(SPOT, currency) - spot.locked(venue, currency)),
            "locked": fixed(spot.locked(venue, currency)),
        }
        for currency in sorted(venue.markets.currencies())
    ]


def coins(venue: Venue, _: Call) -> object:
    """List the currencies; none can be paid in or out."""
    return [
        {
            "coin": code,
            "name": name,
            "depositAllEnable": False,
            "withdrawAllEnable": False,
            "free": fixed(spot.available(venue, code)),
            "locked": fixed(spot.locked(venue, code)),
            "isLegalMoney": False,
            "trading": True,
            "networkList": [],
        }
        for code, name in sorted(venue.markets.currencies().items())
    ]


def nothing(_: Venue, __: Call) -> object:
    """List nothing: the venue has this product, but none of it is listed here."""
    return []


def no_symbols(_: Venue, call: Call) -> object:
    """List no symbols: coin-margined contracts are not offered."""
    return {"timezone": "UTC", "serverTime": call.wall_ms, "rateLimits": [], "symbols": []}


def system_status(_: Venue, __: Call) -> object:
    """Tell that the system works."""
    return {"status": 0, "msg": "normal"}
