"""The distance of a trailing stop, and where it has come to."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("trades", sa.Column("trailing_percent", sa.String(64), nullable=True))
    op.add_column("trades", sa.Column("trailed_stop", sa.String(64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("trades") as batch_op:
        batch_op.drop_column("trailed_stop")
        batch_op.drop_column("trailing_percent")
