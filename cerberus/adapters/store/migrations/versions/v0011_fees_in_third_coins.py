"""What fees in a third coin were worth, and how much of a position's fees they are."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("fills", sa.Column("fee_value", sa.String(64), nullable=True))
    op.add_column(
        "positions", sa.Column("coin_fees", sa.String(64), nullable=False, server_default="0")
    )


def downgrade() -> None:
    op.drop_column("fills", "fee_value")
    op.drop_column("positions", "coin_fees")
