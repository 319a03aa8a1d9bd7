"""The price that an entry waits for."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("orders", sa.Column("trigger_price", sa.String(64), nullable=True))


def downgrade() -> None:
    # what waits was never sent, and the version before would not know what it is
    op.execute(
        "DELETE FROM reservations WHERE order_id IN"
        " (SELECT order_id FROM orders WHERE status = 'armed')"
    )
    op.execute(
        "UPDATE trades SET status = 'not_placed' WHERE trade_id IN"
        " (SELECT trade_id FROM orders WHERE status = 'armed')"
    )
    op.execute("UPDATE orders SET status = 'cancelled' WHERE status = 'armed'")
    op.execute("UPDATE orders SET order_type = 'limit' WHERE trigger_price IS NOT NULL")
    with op.batch_alter_table("orders") as batch_op:
        batch_op.drop_column("trigger_price")
