"""Indexes for what is asked at every signal and every trigger, however long the history is."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_index("ix_positions_symbol_closed_at", "positions", ["symbol", "closed_at"])
    op.create_index("ix_exits_venue_id", "exits", ["venue_id"])


def downgrade() -> None:
    op.drop_index("ix_exits_venue_id", "exits")
    op.drop_index("ix_positions_symbol_closed_at", "positions")
