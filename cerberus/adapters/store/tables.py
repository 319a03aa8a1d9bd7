"""The tables; a column has the name of the field that it keeps."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from cerberus.adapters.store.columns import Amount, Member, Moment, Total
from cerberus.adapters.store.coordination_tables import leases as leases  # part of this schema
from cerberus.adapters.store.coordination_tables import metadata as metadata
from cerberus.adapters.store.coordination_tables import tasks as tasks
from cerberus.adapters.store.coordination_tables import workers as workers
from cerberus.domain.alerts.alert import AlertStatus, Level
from cerberus.domain.alerts.delivery import DeliveryStatus, Kind
from cerberus.domain.exits import ExitKind, ExitStatus
from cerberus.domain.market import MarketType
from cerberus.domain.orders import OrderStatus, OrderType, Purpose
from cerberus.domain.signals import Side, TimeInForce
from cerberus.domain.trades import SignalStatus, TradeStatus

_ID = String(36)
_SYMBOL = String(48)

signals = Table(
    "signals",
    metadata,
    Column("signal_id", _ID, primary_key=True),
    Column("external_id", String(128), unique=True),
    Column("fingerprint", String(64), nullable=False, index=True),
    # set while the fingerprint is unique for ever, so that two processes cannot both store it
    Column("unique_fingerprint", String(64), unique=True),
    Column("symbol", _SYMBOL, nullable=False),
    Column("received_at", Moment, nullable=False, index=True),
    Column("status", Member(SignalStatus), nullable=False),
    Column("signal", Text, nullable=False),
    Column("verdict", Text),
    Column("trade_id", _ID),
)

trades = Table(
    "trades",
    metadata,
    Column("trade_id", _ID, primary_key=True),
    Column("signal_id", _ID, ForeignKey("signals.signal_id"), nullable=False, index=True),
    Column("symbol", _SYMBOL, nullable=False),
    Column("side", Member(Side), nullable=False),
    Column("strategy", String(128), nullable=False),
    Column("quantity", Amount, nullable=False),
    Column("entry_price", Amount, nullable=False),
    Column("stop_price", Amount, nullable=False),
    Column("target_price", Amount, nullable=False),
    Column("leverage", Amount, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("status", Member(TradeStatus), nullable=False, index=True),
    Column("opened_at", Moment),
    Column("protected_at", Moment),
    Column("closed_at", Moment),
    Column("close_reason", Text, nullable=False),
    Column("trailing_percent", Amount),
    Column("trailed_stop", Amount),
    # a signal whose entry provably never reached the venue may be tried again
    Index(
        "one_live_trade_per_signal",
        "signal_id",
        unique=True,
        sqlite_where=text("status != 'not_placed'"),
        postgresql_where=text("status != 'not_placed'"),
    ),
)

orders = Table(
    "orders",
    metadata,
    Column("order_id", _ID, primary_key=True),
    Column("client_id", String(40), nullable=False, unique=True),
    Column("trade_id", _ID, ForeignKey("trades.trade_id"), nullable=False, index=True),
    Column("symbol", _SYMBOL, nullable=False),
    Column("side", Member(Side), nullable=False),
    Column("order_type", Member(OrderType), nullable=False),
    Column("purpose", Member(Purpose), nullable=False),
    Column("quantity", Amount, nullable=False),
    Column("price", Amount),
    Column("time_in_force", Member(TimeInForce), nullable=False),
    Column("leverage", Amount),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("status", Member(OrderStatus), nullable=False, index=True),
    Column("venue_id", String(64), index=True),
    Column("filled_quantity", Amount, nullable=False),
    Column("average_price", Amount),
    Column("misses", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("trigger_price", Amount),
)

reservations = Table(
    "reservations",
    metadata,
    Column("order_id", _ID, ForeignKey("orders.order_id"), primary_key=True),
    Column("market_type", Member(MarketType), nullable=False),
    Column("currency", String(16), nullable=False),
    Column("amount", Amount, nullable=False),
)

fills = Table(
    "fills",
    metadata,
    Column("symbol", _SYMBOL, primary_key=True),
    Column("fill_id", String(64), primary_key=True),
    Column("order_id", _ID, ForeignKey("orders.order_id"), nullable=False, index=True),
    Column("order_venue_id", String(64), nullable=False),
    Column("side", Member(Side), nullable=False),
    Column("quantity", Amount, nullable=False),
    Column("price", Amount, nullable=False),
    Column("fee", Amount, nullable=False),
    Column("fee_currency", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("fee_value", Amount),
)

positions = Table(
    "positions",
    metadata,
    Column("position_id", _ID, primary_key=True),
    Column("trade_id", _ID, ForeignKey("trades.trade_id"), nullable=False, unique=True),
    Column("symbol", _SYMBOL, nullable=False),
    Column("side", Member(Side), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("quantity", Amount, nullable=False),
    Column("entry_price", Amount, nullable=False),
    Column("entered_quantity", Amount, nullable=False),
    Column("realised_pnl", Amount, nullable=False),
    Column("fees", Amount, nullable=False),
    Column("dust", Amount, nullable=False),
    Column("closed_at", Moment, index=True),
    Column("funding", Amount, nullable=False, server_default="0"),
    Column("coin_fees", Amount, nullable=False, server_default="0"),
    Index("ix_positions_symbol_closed_at", "symbol", "closed_at"),
    Index(
        "one_open_position_per_symbol",
        "symbol",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
)

# follows every write of a closed position, so that nobody adds the whole history up again
closed_sums = Table(
    "closed_sums",
    metadata,
    Column("symbol", _SYMBOL, primary_key=True),
    Column("first_opened_at", Moment, nullable=False),
    # none when the only one was opened again
    Column("last_closed_at", Moment),
    Column("result", Total, nullable=False),
    Column("cost", Total, nullable=False),
    Column("held", Total, nullable=False),
)

funding = Table(
    "funding",
    metadata,
    Column("venue", String(24), primary_key=True),
    Column("symbol", _SYMBOL, primary_key=True),
    Column("at", Moment, primary_key=True),
    # empty where the venue gives its lines no id
    Column("venue_id", String(64), primary_key=True),
    Column("amount", Amount, nullable=False),
    Column("currency", String(16), nullable=False),
    Column("position_id", _ID, ForeignKey("positions.position_id"), index=True),
)

exits = Table(
    "exits",
    metadata,
    Column("exit_id", _ID, primary_key=True),
    Column("trade_id", _ID, ForeignKey("trades.trade_id"), nullable=False, index=True),
    Column("symbol", _SYMBOL, nullable=False),
    Column("side", Member(Side), nullable=False),
    Column("kind", Member(ExitKind), nullable=False),
    Column("trigger_price", Amount, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("quantity", Amount, nullable=False),
    Column("status", Member(ExitStatus), nullable=False, index=True),
    Column("venue_id", String(64), index=True),
    Column("sent_at", Moment),
    Column("expires_at", Moment),
    Column("reason", Text, nullable=False),
)

answers = Table(
    "answers",
    metadata,
    Column("scope", String(200), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("instance", _ID, nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
    Column("status", Integer),
    Column("body", Text, nullable=False),
)

facts = Table(
    "facts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False, index=True),
    Column("actor", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("detail", Text, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", _ID, primary_key=True),
    Column("external_id", String(128), unique=True),
    Column("name", String(64), nullable=False, index=True),
    Column("fingerprint", String(64), nullable=False),
    Column("level", Member(Level), nullable=False),
    Column("title", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("source", String(200), nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
    Column("last_at", Moment, nullable=False),
    Column("status", Member(AlertStatus), nullable=False, index=True),
    Column("count", Integer, nullable=False),
    Column("repeats", _ID, index=True),
    Column("picture", String(200)),
    Column("routed_at", Moment),
    Column("escalated", Integer, nullable=False),
    Column("acknowledged_at", Moment),
    Column("acknowledged_by", String(64), nullable=False),
    Column("resolved_at", Moment),
    Index(
        "one_live_alert_per_fingerprint",
        "fingerprint",
        unique=True,
        sqlite_where=text("status IN ('open', 'acknowledged')"),
        postgresql_where=text("status IN ('open', 'acknowledged')"),
    ),
)

metric_samples = Table(
    "metric_samples",
    metadata,
    Column("at", Moment, primary_key=True),
    Column("values", Text, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("delivery_id", _ID, primary_key=True),
    Column("alert_id", _ID, ForeignKey("alerts.alert_id"), nullable=False, index=True),
    Column("channel", String(32), nullable=False),
    Column("kind", Member(Kind), nullable=False),
    Column("level", Member(Level), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("status", Member(DeliveryStatus), nullable=False),
    Column("message_id", _ID),
    Column("attempts", Integer, nullable=False),
    Column("refusals", Integer, nullable=False),
    Column("attempted_at", Moment),
    Column("error", Text, nullable=False),
    Index("deliveries_by_channel", "status", "channel", "level", "attempted_at"),
)
