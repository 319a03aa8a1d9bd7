"""Payments of funding, and their sum on each position."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column(
        "positions", sa.Column("funding", sa.String(64), nullable=False, server_default="0")
    )
    op.create_table(
        "funding",
        sa.Column("venue", sa.String(length=24), nullable=False),
        sa.Column("symbol", sa.String(length=48), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("venue_id", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.String(64), nullable=False),
        sa.Column("currency", sa.String(length=16), nullable=False),
        sa.Column("position_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["position_id"],
            ["positions.position_id"],
        ),
        sa.PrimaryKeyConstraint("venue", "symbol", "at", "venue_id"),
    )
    op.create_index(op.f("ix_funding_position_id"), "funding", ["position_id"], unique=False)


def downgrade() -> None:
    op.drop_table("funding")
    op.drop_column("positions", "funding")
