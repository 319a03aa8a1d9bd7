"""Let a person write a position off that cannot be explained: it leaves the books, audited."""

from dataclasses import dataclass, replace
from decimal import Decimal

from cerberus.domain.market import ZERO
from cerberus.domain.positions import Position
from cerberus.domain.trades import TradeStatus
from cerberus.errors import Conflict, NotFound
from cerberus.ports import Transaction
from cerberus.services.book import add_result, count_closed
from cerberus.services.desk import Desk
from cerberus.services.snapshot import read_holds


@dataclass(frozen=True, slots=True)
class WriteOff:
    """What a person states: why, and what the position has made or lost beyond the known fills.

    Without a result it stays unknown: nothing is added, and it counts as no win and no loss.
    """

    reason: str
    result_usd: Decimal | None = None

    def told(self) -> str:
        """Return it in words."""
        known = "unknown" if self.result_usd is None else f"{self.result_usd:f} USD, as stated"
        return f"written off, result {known}: {self.reason}"


async def write_off(desk: Desk, position_id: str, stated: WriteOff, actor: str) -> Position:
    """Take a position out of the books; its exits are cancelled by the follower's next step.

    The quarantine of its symbol stays until a person lifts it.

    Raises
    ------
    NotFound
        There is no such position.
    Conflict
        It is closed already, in no quarantine, or an order of it is still alive.
    """
    held = await desk.store.read(lambda transaction: _position(transaction, position_id))
    async with desk.reconciliation.lock, desk.locks[held.symbol]:
        after = await desk.write(lambda tx: _book(desk, tx, position_id, stated, actor))
    desk.account_changed()
    return after


def _position(transaction: Transaction, position_id: str) -> Position:
    held = transaction.positions.get(position_id)
    if held is None:
        raise NotFound(f"position {position_id} is not known")
    return held


def _book(
    desk: Desk, transaction: Transaction, position_id: str, stated: WriteOff, actor: str
) -> Position:
    held = _position(transaction, position_id)
    _refuse_what_can_be_settled(transaction, held)
    after = held.written_off(stated.result_usd or ZERO, desk.today())
    transaction.positions.save(after)
    if stated.result_usd is not None:
        add_result(desk, transaction, stated.result_usd)
        count_closed(desk, transaction, after.net_pnl)
    trade = transaction.trades.get(held.trade_id)
    if trade is None:
        raise LookupError(f"position {position_id} belongs to no trade")
    closed = trade.moved(TradeStatus.CLOSED, stated.told())
    transaction.trades.save(replace(closed, closed_at=after.closed_at))
    text = f"{held.side} {held.quantity:f} from {held.entry_price:f}: {stated.told()}"
    transaction.facts.note(desk.wall_clock.now(), actor, "written_off", held.symbol, text)
    return after


def _refuse_what_can_be_settled(transaction: Transaction, held: Position) -> None:
    if not held.is_open:
        raise Conflict(f"position {held.position_id} is closed already")
    if held.symbol not in read_holds(transaction).quarantined:
        raise Conflict(f"{held.symbol} is in no quarantine: close the position instead")
    for order in transaction.orders.of_trade(held.trade_id):
        if not order.status.is_final:
            raise Conflict(f"order {order.client_id} of it is {order.status}, end it first")
