"""Private futures routes: what is set for contracts and account, and the stream's key."""

from decimal import Decimal

from cerberus.simulator import futures_account as rules
from cerberus.simulator.binance.call import Call
from cerberus.simulator.binance.failures import Failed
from cerberus.simulator.binance.symbols import contract_of, symbol_of
from cerberus.simulator.venue import Venue
from cerberus.simulator.wire.values import plain


def leverage_brackets(venue: Venue, call: Call) -> object:
    """Return the only bracket of each contract."""
    name = call.get("symbol")
    chosen = [contract_of(venue, name)] if name else list(venue.markets.futures.values())
    return [
        {
            "symbol": symbol_of(one.id),
            "notionalCoef": 1.0,
            "brackets": [
                {
                    "bracket": 1,
                    "initialLeverage": int(one.leverage_max),
                    "notionalCap": int(one.risk_limit),
                    "notionalFloor": 0,
                    "maintMarginRatio": float(one.maintenance_rate),
                    "cum": 0.0,
                }
            ],
        }
        for one in chosen
    ]


def symbol_config(venue: Venue, call: Call) -> object:
    """Return what is set for each contract."""
    name = call.get("symbol")
    chosen = [contract_of(venue, name)] if name else list(venue.markets.futures.values())
    return [
        {
            "symbol": symbol_of(one.id),
            "marginType": "ISOLATED",
            "isAutoAddMargin": False,
            "leverage": int(rules.position_of(venue, one).leverage),
            "maxNotionalValue": plain(one.risk_limit),
        }
        for one in chosen
    ]


def set_leverage(venue: Venue, call: Call) -> object:
    """Set a contract's leverage."""
    one = contract_of(venue, call.required("symbol"))
    leverage = Decimal(call.integer("leverage", 0, 0, 1000))
    if not one.leverage_min <= leverage <= one.leverage_max:
        raise Failed(-4028, f"Leverage {leverage} is not valid.")
    position = rules.position_of(venue, one)
    if position.size and leverage < position.leverage:
        text = "Leverage reduction is not supported in Isolated Margin Mode with open positions."
        raise Failed(-4161, text)
    rules.set_leverage(venue, one, leverage)
    return {
        "leverage": int(leverage),
        "maxNotionalValue": plain(one.risk_limit),
        "symbol": symbol_of(one.id),
    }


def set_margin_type(venue: Venue, call: Call) -> object:
    """Confirm isolated margin; cross margin is not offered."""
    contract_of(venue, call.required("symbol"))
    words = ("ISOLATED", "CROSSED")
    if call.choice("marginType", words, Failed(-4049, "Invalid margin type.")) == "ISOLATED":
        raise Failed(-4046, "No need to change margin type.")
    raise Failed(-4047, "Margin type cannot be changed: cross margin is not offered here.")


def position_mode(_: Venue, __: Call) -> object:
    """Name the mode: one-way."""
    return {"dualSidePosition": False}


def set_position_mode(_: Venue, call: Call) -> object:
    """Confirm one-way mode; two-way mode is not offered."""
    if not call.flag("dualSidePosition"):
        raise Failed(-4059, "No need to change position side.")
    raise Failed(-4067, "Position side cannot be changed: two-way mode is not offered here.")


def commission_rate(venue: Venue, call: Call) -> object:
    """Return the account's fee rates."""
    one = contract_of(venue, call.required("symbol"))
    return {
        "symbol": symbol_of(one.id),
        "makerCommissionRate": plain(one.maker_rate),
        "takerCommissionRate": plain(one.taker_rate),
    }


def open_listen_key(_: Venue, call: Call) -> object:
    """Return the key of a user-data stream, good for an hour from now on."""
    return {"listenKey": call.listen_key.open(call.wall_ms)}


def keep_listen_key(_: Venue, call: Call) -> object:
    """Make the key good for another hour."""
    return {"listenKey": call.listen_key.keep(call.wall_ms)}


def close_listen_key(_: Venue, call: Call) -> object:
    """Give the key up."""
    call.listen_key.close()
    return {}
