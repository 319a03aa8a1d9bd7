"""Private futures routes: account, positions, leverage and their history."""

from decimal import Decimal

from cerberus.domain import margin as maths
from cerberus.simulator import futures_account as rules
from cerberus.simulator.entities import FUTURES, ZERO, ClosedPosition, LedgerEntry, Position
from cerberus.simulator.markets import Contract
from cerberus.simulator.refusals import Refused, invalid
from cerberus.simulator.store import Search
from cerberus.simulator.venue import Venue
from cerberus.simulator.wire.call import Call
from cerberus.simulator.wire.futures_market import is_served, size
from cerberus.simulator.wire.paging import page_of
from cerberus.simulator.wire.values import decimal_of, plain, rounded, text_of

_PLACES = 12


def require_account(call: Call) -> None:
    """Refuse where the user has no account: only USDT was ever funded."""
    if not is_served(call):
        message = "please transfer funds first to create futures account"
        raise Refused("USER_NOT_FOUND", message)


def account(venue: Venue, call: Call) -> object:
    """Return the futures wallet."""
    require_account(call)
    contracts = venue.markets.futures.values()
    unrealised = sum((rules.unrealised(venue, one) for one in contracts), ZERO)
    maintenance = sum((_maintenance(venue, one) for one in contracts), ZERO)
    position_margin = rounded(rules.position_margin(venue), _PLACES)
    return {
        "user": 1,
        "currency": rules.SETTLE,
        "total": rounded(venue.state.balance(FUTURES, rules.SETTLE), _PLACES),
        "unrealised_pnl": rounded(unrealised, _PLACES),
        "position_margin": position_margin,
        "isolated_position_margin": position_margin,
        "position_initial_margin": "0",
        "maintenance_margin": rounded(maintenance, _PLACES),
        "order_margin": rounded(rules.total_order_margin(venue), _PLACES),
        "available": rounded(max(ZERO, rules.available(venue)), _PLACES),
        "point": "0",
        "bonus": "0",
        "in_dual_mode": False,
        "enable_credit": False,
        "enable_evolved_classic": False,
        "margin_mode": 0,
    }


def account_book(venue: Venue, call: Call) -> object:
    """List what has changed the wallet, newest first."""
    require_account(call)
    search = Search(
        account=FUTURES, text=text_of(call.query, "type", ""), market=_named(venue, call)
    )
    return [
        {
            "id": str(entry.id),
            "time": entry.created_ms // 1000,
            "change": rounded(entry.change, _PLACES),
            "balance": rounded(entry.balance, _PLACES),
            "type": entry.kind,
            # funding names its contract only: clients read the market from it
            "text": entry.market if entry.kind == "fund" else f"{entry.market}:{entry.text}",
            "contract": entry.market,
            "trade_id": entry.text if entry.text.isdecimal() else "",
        }
        for entry in venue.store.find(LedgerEntry, page_of(call.query, search))
    ]


def positions(venue: Venue, call: Call) -> object:
    """List positions, those of size 0 too unless only holdings are asked for."""
    if not is_served(call):
        return []
    holding = str(call.query.get("holding", "")).lower() == "true"
    return [
        render_position(venue, call, venue.markets.futures[position.market])
        for position in venue.state.positions.values()
        if position.size or not holding
    ]


def position(venue: Venue, call: Call) -> object:
    """Return the position of one contract."""
    require_account(call)
    return render_position(venue, call, venue.contract(call.path["contract"]))


def set_leverage(venue: Venue, call: Call) -> object:
    """Set a contract's isolated leverage."""
    require_account(call)
    contract = venue.contract(call.path["contract"])
    leverage = decimal_of(call.query, "leverage")
    if leverage < 0:
        raise invalid("leverage", leverage)
    rules.set_leverage(venue, contract, leverage)
    return render_position(venue, call, contract)


def change_margin(venue: Venue, call: Call) -> object:
    """Add margin to a position, or take some out."""
    require_account(call)
    contract = venue.contract(call.path["contract"])
    rules.change_margin(venue, contract, decimal_of(call.query, "change"))
    return render_position(venue, call, contract)


def set_dual_mode(venue: Venue, call: Call) -> object:
    """Confirm one-way mode; two-way mode is not offered."""
    require_account(call)
    if str(call.query.get("dual_mode", "")).lower() != "false":
        raise invalid("dual_mode", call.query.get("dual_mode"))
    return account(venue, call)


def closed_positions(venue: Venue, call: Call) -> object:
    """List the history of closed positions, newest first."""
    require_account(call)
    search = page_of(call.query, Search(market=_named(venue, call)))
    return [_closed(one) for one in venue.store.find(ClosedPosition, search)]


def liquidations(venue: Venue, call: Call) -> object:
    """List the positions that were liquidated, newest first."""
    require_account(call)
    search = page_of(call.query, Search(market=_named(venue, call)))
    found = venue.store.find(ClosedPosition, search)
    return [_liquidated(call, one) for one in found if one.liquidation]


def render_position(venue: Venue, call: Call, contract: Contract) -> dict[str, object]:
    """Write a position as the venue does."""
    position = rules.position_of(venue, contract)
    return {
        "user": 1,
        "contract": contract.id,
        "size": size(call, position.size),
        "leverage": plain(position.leverage),
        "leverage_max": plain(contract.leverage_max),
        "cross_leverage_limit": "0",
        "risk_limit": plain(contract.risk_limit),
        "maintenance_rate": plain(contract.maintenance_rate),
        "average_maintenance_rate": plain(contract.maintenance_rate),
        "adl_ranking": 5 if position.size else 6,
        "pending_orders": len(rules.orders_of(venue, contract)),
        "close_order": None,
        "mode": "single",
        "update_time": position.updated_ms // 1000,
        "update_id": position.update_id,
        "open_time": position.opened_ms // 1000,
        "realised_point": "0",
        "history_point": "0",
        **_profit(position),
        **_risk(venue, contract, position),
    }


def _risk(venue: Venue, contract: Contract, position: Position) -> dict[str, str]:
    terms = rules.terms_of(contract, position)
    exposure = position.exposure
    mark = venue.last(contract.base)
    value = maths.notional(position.size, mark, contract.multiplier)
    return {
        "value": rounded(value, _PLACES),
        "margin": rounded(exposure.margin, _PLACES),
        "initial_margin": rounded(maths.initial_margin(position.size, mark, terms), _PLACES),
        "maintenance_margin": rounded(maths.maintenance_margin(exposure, mark, terms), _PLACES),
        "entry_price": rounded(exposure.entry_price),
        "liq_price": rounded(maths.liquidation_price(exposure, terms)),
        "mark_price": plain(mark),
        "unrealised_pnl": rounded(maths.unrealised(exposure, mark, terms), _PLACES),
    }


def _profit(position: Position) -> dict[str, str]:
    return {
        "realised_pnl": rounded(position.realised, _PLACES),
        "pnl_pnl": rounded(position.pnl_pnl, _PLACES),
        "pnl_fee": rounded(position.pnl_fee, _PLACES),
        "pnl_fund": rounded(position.pnl_fund, _PLACES),
        "history_pnl": rounded(position.history_pnl, _PLACES),
        "last_close_pnl": rounded(position.last_close_pnl, _PLACES),
    }


def _maintenance(venue: Venue, contract: Contract) -> Decimal:
    position = rules.position_of(venue, contract)
    mark = venue.last(contract.base)
    return maths.maintenance_margin(position.exposure, mark, rules.terms_of(contract, position))


def _named(venue: Venue, call: Call) -> str:
    name = text_of(call.query, "contract", "")
    return venue.contract(name).id if name else ""


def _closed(one: ClosedPosition) -> dict[str, object]:
    is_long = one.side == "long"
    prices = (one.entry_price, one.exit_price) if is_long else (one.exit_price, one.entry_price)
    return {
        "time": one.created_ms / 1000,
        "contract": one.market,
        "side": one.side,
        "pnl": rounded(one.pnl_pnl + one.pnl_fee + one.pnl_fund, _PLACES),
        "pnl_pnl": rounded(one.pnl_pnl, _PLACES),
        "pnl_fee": rounded(one.pnl_fee, _PLACES),
        "pnl_fund": rounded(one.pnl_fund, _PLACES),
        "text": one.text,
        "max_size": plain(one.max_size),
        "accum_size": plain(one.closed_size),
        "first_open_time": one.opened_ms // 1000,
        "long_price": rounded(prices[0]),
        "short_price": rounded(prices[1]),
    }


def _liquidated(call: Call, one: ClosedPosition) -> dict[str, object]:
    sign = 1 if one.side == "long" else -1
    return {
        "time": one.created_ms // 1000,
        "contract": one.market,
        "size": size(call, sign * one.max_size),
        "leverage": "0",
        "margin": rounded(-(one.pnl_pnl + one.pnl_fee), _PLACES),
        "entry_price": rounded(one.entry_price),
        "liq_price": rounded(one.exit_price),
        "mark_price": rounded(one.exit_price),
        "order_id": int(one.text.removeprefix("liq-")),
        "order_price": rounded(one.exit_price),
        "fill_price": rounded(one.exit_price),
        "left": 0,
    }
