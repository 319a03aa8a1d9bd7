"""What the closed positions of each symbol come to, so that nobody adds them up again."""

from decimal import Context, Decimal

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_CLOSED = (
    "SELECT symbol, opened_at, closed_at, realised_pnl, funding, fees, quantity, dust, entry_price"
    " FROM positions WHERE closed_at IS NOT NULL"
)
#: rows that are in memory at a time
_PART = 10_000
_ROUNDED, _EXACT = Context(prec=28), Context(prec=120)


def upgrade() -> None:
    sums = op.create_table(
        "closed_sums",
        sa.Column("symbol", sa.String(length=48), nullable=False),
        sa.Column("first_opened_at", sa.String(32), nullable=False),
        sa.Column("last_closed_at", sa.String(32), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("cost", sa.Text(), nullable=False),
        sa.Column("held", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("symbol"),
    )
    found = _summed(op.get_bind())
    if found:
        op.bulk_insert(sums, found)


def downgrade() -> None:
    op.drop_table("closed_sums")


def _summed(connection: sa.Connection) -> list[dict[str, str]]:
    """Add up as the positions do: each rounded to 28 digits, their sum exact."""
    found: dict[str, list[Decimal]] = {}
    times: dict[str, tuple[str, str]] = {}
    rows = connection.execute(sa.text(_CLOSED), execution_options={"yield_per": _PART})
    for symbol, opened, closed, *amounts in rows:
        pnl, funding, fees, quantity, dust, price = map(Decimal, amounts)
        held = _ROUNDED.add(quantity, dust)
        result = _ROUNDED.subtract(_ROUNDED.add(pnl, funding), fees)
        told = (result, _ROUNDED.multiply(held, price), held)
        known = found.get(symbol, [Decimal(0)] * 3)
        found[symbol] = [_EXACT.add(one, more) for one, more in zip(known, told, strict=True)]
        first, last = times.get(symbol, (opened, closed))
        times[symbol] = min(first, opened), max(last, closed)
    return [
        {
            "symbol": symbol,
            "first_opened_at": times[symbol][0],
            "last_closed_at": times[symbol][1],
            **{
                name: f"{value:f}"
                for name, value in zip(("result", "cost", "held"), sums, strict=True)
            },
        }
        for symbol, sums in found.items()
    ]
