"""Routes beside trading that clients probe when they start."""

from cerberus.simulator.refusals import Refused
from cerberus.simulator.venue import Venue
from cerberus.simulator.wire.call import Call
from cerberus.simulator.wire.values import plain, text_of


def detail(_: Venue, __: Call) -> object:
    """Describe the account: classic, not unified."""
    return {
        "user_id": 1,
        "ip_whitelist": [],
        "currency_pairs": [],
        "key": {"mode": 1},
        "tier": 0,
        "tier_expire_time": "0001-01-01T00:00:00Z",
        "copy_trading_role": 0,
    }


def unified_mode(_: Venue, __: Call) -> object:
    """Name the account's mode."""
    return {"mode": "classic"}


def unified_accounts(_: Venue, __: Call) -> object:
    """Refuse: the account is not unified."""
    raise Refused("USER_NOT_FOUND", "unified account is not enabled", 400)


def nothing(_: Venue, __: Call) -> object:
    """List nothing: the venue has this product, but none of it is listed here."""
    return []


def fee_rates(venue: Venue, call: Call) -> object:
    """Return the account's fee rates."""
    pair = venue.pair(text_of(call.query, "currency_pair", next(iter(venue.markets.spot))))
    contract = venue.markets.futures[pair.id]
    return {
        "user_id": 1,
        "currency_pair": pair.id,
        "taker_fee": plain(pair.taker_rate),
        "maker_fee": plain(pair.maker_rate),
        "gt_discount": False,
        "gt_taker_fee": "0",
        "gt_maker_fee": "0",
        "loan_fee": "0",
        "point_type": "1",
        "futures_taker_fee": plain(contract.taker_rate),
        "futures_maker_fee": plain(contract.maker_rate),
    }
