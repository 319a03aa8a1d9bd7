"""Private futures routes: balances, positions, margin, income."""

from decimal import Decimal

from cerberus.domain import margin as maths
from cerberus.simulator import futures_account as rules
from cerberus.simulator.binance.call import Call, fixed
from cerberus.simulator.binance.listing import FAR
from cerberus.simulator.binance.symbols import contract_of, symbol_of
from cerberus.simulator.entities import FUTURES, ZERO, LedgerEntry
from cerberus.simulator.markets import Contract
from cerberus.simulator.store import Search
from cerberus.simulator.venue import Venue
from cerberus.simulator.wire.values import plain

_INCOME = {
    "fund": "FUNDING_FEE",
    "pnl": "REALIZED_PNL",
    "fee": "COMMISSION",
    "dnw": "TRANSFER",
}
_DONE = {"code": 200, "msg": "success"}
_ALL = 1_000_000


def account(venue: Venue, _: Call) -> object:
    """Return the wallet and the positions that are not empty."""
    asset = balance_of(venue)
    return {
        "totalInitialMargin": asset["initialMargin"],
        "totalMaintMargin": asset["maintMargin"],
        "totalWalletBalance": asset["walletBalance"],
        "totalUnrealizedProfit": asset["unrealizedProfit"],
        "totalMarginBalance": asset["marginBalance"],
        "totalPositionInitialMargin": asset["positionInitialMargin"],
        "totalOpenOrderInitialMargin": asset["openOrderInitialMargin"],
        "totalCrossWalletBalance": asset["crossWalletBalance"],
        "totalCrossUnPnl": "0.00000000",
        "availableBalance": asset["availableBalance"],
        "maxWithdrawAmount": asset["availableBalance"],
        "assets": [asset],
        "positions": [_risk(venue, one) for one in _touched(venue)],
    }


def balances(venue: Venue, _: Call) -> object:
    """Return the wallet."""
    asset = balance_of(venue)
    return [
        {
            "accountAlias": "sim",
            "asset": rules.SETTLE,
            "balance": asset["walletBalance"],
            "crossWalletBalance": asset["crossWalletBalance"],
            "crossUnPnl": "0.00000000",
            "availableBalance": asset["availableBalance"],
            "maxWithdrawAmount": asset["availableBalance"],
            "marginAvailable": True,
            "updateTime": venue.now_ms,
        }
    ]


def position_risk(venue: Venue, call: Call) -> object:
    """Return positions: those with a size or an order, or the one asked for."""
    name = call.get("symbol")
    chosen = [contract_of(venue, name)] if name else _touched(venue)
    return [_risk(venue, one) for one in chosen]


def change_margin(venue: Venue, call: Call) -> object:
    """Add margin to a position (type 1), or take some out (type 2)."""
    one = contract_of(venue, call.required("symbol"))
    amount = call.number("amount")
    kind = call.integer("type", 0, 1, 2)
    rules.change_margin(venue, one, amount if kind == 1 else -amount)
    return {
        **_DONE,
        "msg": "Successfully modify position margin.",
        "amount": plain(amount),
        "type": kind,
    }


def income(venue: Venue, call: Call) -> object:
    """List what has changed the wallet, oldest first: funding, fees, profit."""
    name, kind = call.get("symbol"), call.get("incomeType")
    limit = call.integer("limit", 100, 1, 1000)
    search = Search(
        account=FUTURES,
        market=contract_of(venue, name).id if name else "",
        since_ms=call.integer("startTime", 0),
        until_ms=call.integer("endTime", FAR),
        limit=_ALL,
    )
    found = [
        entry
        for entry in reversed(venue.store.find(LedgerEntry, search))
        if kind in ("", _INCOME[entry.kind])
    ]
    first = (call.integer("page", 1, 1, 1 << 30) - 1) * limit
    newest = found[max(0, len(found) - first - limit) : len(found) - first]
    kept = found[first : first + limit] if call.get("startTime") else newest
    return [
        {
            "symbol": symbol_of(entry.market),
            "incomeType": _INCOME[entry.kind],
            "income": fixed(entry.change),
            "asset": entry.currency,
            "time": entry.created_ms,
            "info": _INCOME[entry.kind],
            "tranId": entry.id,
            "tradeId": entry.text if entry.text.isdecimal() else "",
        }
        for entry in kept
    ]


def balance_of(venue: Venue) -> dict[str, object]:
    """Return the wallet as the account shows it."""
    contracts = venue.markets.futures.values()
    total = venue.state.balance(FUTURES, rules.SETTLE)
    profit = sum((rules.unrealised(venue, one) for one in contracts), ZERO)
    held, ordered = rules.position_margin(venue), rules.total_order_margin(venue)
    return {
        "asset": rules.SETTLE,
        "walletBalance": fixed(total),
        "unrealizedProfit": fixed(profit),
        "marginBalance": fixed(total + profit),
        "maintMargin": fixed(sum((_maintenance(venue, one) for one in contracts), ZERO)),
        "initialMargin": fixed(held + ordered),
        "positionInitialMargin": fixed(held),
        "openOrderInitialMargin": fixed(ordered),
        "crossWalletBalance": fixed(total - held),
        "crossUnPnl": "0.00000000",
        "availableBalance": fixed(max(ZERO, rules.available(venue))),
        "maxWithdrawAmount": fixed(max(ZERO, rules.available(venue))),
        "updateTime": venue.now_ms,
    }


def _touched(venue: Venue) -> list[Contract]:
    return [
        one
        for one in venue.markets.futures.values()
        if rules.position_of(venue, one).size or rules.orders_of(venue, one)
    ]


def _risk(venue: Venue, one: Contract) -> dict[str, object]:
    position = rules.position_of(venue, one)
    terms, exposure = rules.terms_of(one, position), position.exposure
    mark = venue.last(one.base)
    profit = maths.unrealised(exposure, mark, terms)
    ordered = rules.order_margin(one, position, rules.orders_of(venue, one))
    return {
        "symbol": symbol_of(one.id),
        "positionSide": "BOTH",
        "positionAmt": plain(position.size * one.multiplier),
        "entryPrice": fixed(exposure.entry_price),
        "breakEvenPrice": fixed(exposure.entry_price),
        "markPrice": fixed(mark),
        "unRealizedProfit": fixed(profit),
        "liquidationPrice": fixed(maths.liquidation_price(exposure, terms)),
        "isolatedMargin": fixed(exposure.margin + profit if position.size else ZERO),
        "notional": fixed(position.size * one.multiplier * mark),
        "marginAsset": rules.SETTLE,
        "isolatedWallet": fixed(exposure.margin),
        "initialMargin": fixed(exposure.margin + ordered),
        "maintMargin": fixed(_maintenance(venue, one)),
        "positionInitialMargin": fixed(exposure.margin),
        "openOrderInitialMargin": fixed(ordered),
        "adl": 1,
        "bidNotional": "0",
        "askNotional": "0",
        "updateTime": position.updated_ms,
    }


def _maintenance(venue: Venue, one: Contract) -> Decimal:
    position = rules.position_of(venue, one)
    terms = rules.terms_of(one, position)
    return maths.maintenance_margin(position.exposure, venue.last(one.base), terms)
