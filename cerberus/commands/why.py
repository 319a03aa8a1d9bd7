"""`cerberus why`."""

from decimal import Decimal

from cerberus.client.answers import Assessment, Order, Trade, Why
from cerberus.commands.connections import api_client


def explain(anything: str) -> str:
    """Return the story of a signal, trade, position or order."""
    with api_client() as api:
        return describe(api.why(anything))


def describe(why: Why) -> str:
    """Return the text for what the API told."""
    record = why["signal"]
    signal = record["signal"]
    lines = [
        f"signal {record['signal_id']} {record['status']}, received {record['received_at']}",
        f"  {signal['symbol']} {signal['side']} by {signal.get('strategy', 'manual')}, "
        f"confidence {signal.get('confidence', '')}",
        *([f"  {signal['reason']}"] if signal.get("reason") else []),
    ]
    lines += _decision(record["decision"])
    if why["trade"] is not None:
        lines += _trade(why["trade"])
    return "\n".join(lines)


def _decision(decision: Assessment | None) -> list[str]:
    if decision is None:
        return ["not decided"]
    refused = f"refused by {decision['refused_by']}: {decision['reason']}"
    checks = [
        f"  {'passed' if one['passed'] else 'FAILED':6}  {one['name']:24} "
        f"value {one['value']}, limit {one['limit']}"
        for one in decision["checks"]
    ]
    return ["approved" if decision["approved"] else refused, *checks]


def _trigger(order: Order) -> str:
    return f"from {order['trigger_price']} on " if order["trigger_price"] else ""


def _trade(trade: Trade) -> list[str]:
    orders = [
        f"  order {one['purpose']} {one['order_type']} {one['side']} {one['quantity']} "
        f"{_trigger(one)}{one['status']}, "
        f"filled {one['filled_quantity']} at {one['average_price'] or '-'}"
        for one in trade["orders"]
    ]
    exits = [
        f"  {one['kind']} at {one['trigger_price']} for {one['quantity']} {one['status']}, "
        f"on {one['where']}"
        for one in trade["exits"]
    ]
    unvalued = [
        f"  fees of {amount} {coin} are not valued: no price of it is known"
        for coin, amount in sorted(trade["unvalued_fees"].items())
    ]
    left = f"  dust of {trade['dust']} is left, worth {trade['dust_value']}"
    dust = [left] if Decimal(trade["dust"]) else []
    told = f" ({trade['close_reason']})" if trade["close_reason"] else ""
    return [
        f"trade {trade['trade_id']} {trade['status']}{told}, "
        f"profit {trade['realised_pnl']}, fees {trade['fees']}, funding {trade['funding']}, "
        f"net {trade['net_pnl']}",
        *unvalued,
        *dust,
        *orders,
        *exits,
    ]
