"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


#: in the order in which they refer to each other
_TABLES = (
    "answers",
    "audit",
    "facts",
    "signals",
    "trades",
    "exits",
    "orders",
    "positions",
    "fills",
    "reservations",
)


def upgrade() -> None:
    _create_answers()
    _create_audit()
    _create_facts()
    _create_signals()
    _create_trades()
    _create_exits()
    _create_orders()
    _create_positions()
    _create_fills()
    _create_reservations()


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_answers() -> None:
    op.create_table(
        "answers",
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("instance", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key"),
    )
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answers_created_at"), ["created_at"], unique=False)


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)


def _create_facts() -> None:
    op.create_table(
        "facts",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _create_signals() -> None:
    op.create_table(
        "signals",
        sa.Column("signal_id", sa.String(length=36), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("unique_fingerprint", sa.String(length=64), nullable=True),
        sa.Column("symbol", sa.String(length=48), nullable=False),
        sa.Column("received_at", sa.String(32), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("signal", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("trade_id", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("signal_id"),
        sa.UniqueConstraint("external_id"),
        sa.UniqueConstraint("unique_fingerprint"),
    )
    with op.batch_alter_table("signals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signals_fingerprint"), ["fingerprint"], unique=False)
        batch_op.create_index(batch_op.f("ix_signals_received_at"), ["received_at"], unique=False)


def _create_trades() -> None:
    op.create_table(
        "trades",
        sa.Column("trade_id", sa.String(length=36), nullable=False),
        sa.Column("signal_id", sa.String(length=36), nullable=False),
        sa.Column("symbol", sa.String(length=48), nullable=False),
        sa.Column("side", sa.String(24), nullable=False),
        sa.Column("strategy", sa.String(length=128), nullable=False),
        sa.Column("quantity", sa.String(64), nullable=False),
        sa.Column("entry_price", sa.String(64), nullable=False),
        sa.Column("stop_price", sa.String(64), nullable=False),
        sa.Column("target_price", sa.String(64), nullable=False),
        sa.Column("leverage", sa.String(64), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("opened_at", sa.String(32), nullable=True),
        sa.Column("protected_at", sa.String(32), nullable=True),
        sa.Column("closed_at", sa.String(32), nullable=True),
        sa.Column("close_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["signal_id"],
            ["signals.signal_id"],
        ),
        sa.PrimaryKeyConstraint("trade_id"),
    )
    with op.batch_alter_table("trades", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trades_signal_id"), ["signal_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_trades_status"), ["status"], unique=False)
        batch_op.create_index(
            "one_live_trade_per_signal",
            ["signal_id"],
            unique=True,
            sqlite_where=sa.text("status != 'not_placed'"),
            postgresql_where=sa.text("status != 'not_placed'"),
        )


def _create_exits() -> None:
    op.create_table(
        "exits",
        sa.Column("exit_id", sa.String(length=36), nullable=False),
        sa.Column("trade_id", sa.String(length=36), nullable=False),
        sa.Column("symbol", sa.String(length=48), nullable=False),
        sa.Column("side", sa.String(24), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("trigger_price", sa.String(64), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("quantity", sa.String(64), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("venue_id", sa.String(length=64), nullable=True),
        sa.Column("sent_at", sa.String(32), nullable=True),
        sa.Column("expires_at", sa.String(32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trade_id"],
            ["trades.trade_id"],
        ),
        sa.PrimaryKeyConstraint("exit_id"),
    )
    with op.batch_alter_table("exits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exits_status"), ["status"], unique=False)
        batch_op.create_index(batch_op.f("ix_exits_trade_id"), ["trade_id"], unique=False)


def _create_orders() -> None:
    op.create_table(
        "orders",
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("trade_id", sa.String(length=36), nullable=False),
        sa.Column("symbol", sa.String(length=48), nullable=False),
        sa.Column("side", sa.String(24), nullable=False),
        sa.Column("order_type", sa.String(24), nullable=False),
        sa.Column("purpose", sa.String(24), nullable=False),
        sa.Column("quantity", sa.String(64), nullable=False),
        sa.Column("price", sa.String(64), nullable=True),
        sa.Column("time_in_force", sa.String(24), nullable=False),
        sa.Column("leverage", sa.String(64), nullable=True),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.String(32), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("venue_id", sa.String(length=64), nullable=True),
        sa.Column("filled_quantity", sa.String(64), nullable=False),
        sa.Column("average_price", sa.String(64), nullable=True),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trade_id"],
            ["trades.trade_id"],
        ),
        sa.PrimaryKeyConstraint("order_id"),
        sa.UniqueConstraint("client_id"),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_orders_status"), ["status"], unique=False)
        batch_op.create_index(batch_op.f("ix_orders_trade_id"), ["trade_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_orders_venue_id"), ["venue_id"], unique=False)


def _create_positions() -> None:
    op.create_table(
        "positions",
        sa.Column("position_id", sa.String(length=36), nullable=False),
        sa.Column("trade_id", sa.String(length=36), nullable=False),
        sa.Column("symbol", sa.String(length=48), nullable=False),
        sa.Column("side", sa.String(24), nullable=False),
        sa.Column("opened_at", sa.String(32), nullable=False),
        sa.Column("quantity", sa.String(64), nullable=False),
        sa.Column("entry_price", sa.String(64), nullable=False),
        sa.Column("entered_quantity", sa.String(64), nullable=False),
        sa.Column("realised_pnl", sa.String(64), nullable=False),
        sa.Column("fees", sa.String(64), nullable=False),
        sa.Column("dust", sa.String(64), nullable=False),
        sa.Column("closed_at", sa.String(32), nullable=True),
        sa.ForeignKeyConstraint(
            ["trade_id"],
            ["trades.trade_id"],
        ),
        sa.PrimaryKeyConstraint("position_id"),
        sa.UniqueConstraint("trade_id"),
    )
    with op.batch_alter_table("positions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_positions_closed_at"), ["closed_at"], unique=False)
        batch_op.create_index(
            "one_open_position_per_symbol",
            ["symbol"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )


def _create_fills() -> None:
    op.create_table(
        "fills",
        sa.Column("symbol", sa.String(length=48), nullable=False),
        sa.Column("fill_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("order_venue_id", sa.String(length=64), nullable=False),
        sa.Column("side", sa.String(24), nullable=False),
        sa.Column("quantity", sa.String(64), nullable=False),
        sa.Column("price", sa.String(64), nullable=False),
        sa.Column("fee", sa.String(64), nullable=False),
        sa.Column("fee_currency", sa.String(length=16), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.order_id"],
        ),
        sa.PrimaryKeyConstraint("symbol", "fill_id"),
    )
    with op.batch_alter_table("fills", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fills_order_id"), ["order_id"], unique=False)


def _create_reservations() -> None:
    op.create_table(
        "reservations",
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("market_type", sa.String(24), nullable=False),
        sa.Column("currency", sa.String(length=16), nullable=False),
        sa.Column("amount", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.order_id"],
        ),
        sa.PrimaryKeyConstraint("order_id"),
    )
