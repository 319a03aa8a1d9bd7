"""Orders: list them, tell one, cancel one."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from api.dependencies import Caller, Limit, Offset, TheDesk, TheRuntime
from api.idempotency import IdempotentRoute
from api.trade_views import OrderOut, views
from cerberus.bootstrap import Runtime
from cerberus.domain.market import parse_symbol
from cerberus.domain.orders import Order
from cerberus.errors import Conflict, NotFound
from cerberus.services.cancel import cancel_order

router = APIRouter(tags=["orders"], route_class=IdempotentRoute)

SymbolPath = Annotated[str, Path(max_length=48, examples=["BTC_USDT"])]
Id = Annotated[str, Path(max_length=64)]


class OrdersOut(BaseModel):
    """One page of orders, newest first."""

    orders: list[OrderOut]
    total: int


@router.get("/api/orders")
async def list_orders(_: Caller, desk: TheDesk, limit: Limit = 50, offset: Offset = 0) -> OrdersOut:
    """List orders, newest first."""
    found, total = await desk.store.read(
        lambda transaction: transaction.orders.newest(limit, offset)
    )
    return OrdersOut(orders=views(OrderOut, found), total=total)


@router.get("/order/{symbol}/{order_id}")
async def get_order(_: Caller, runtime: TheRuntime, symbol: SymbolPath, order_id: Id) -> OrderOut:
    """Tell one order by our id, its client id or its venue id."""
    return OrderOut.model_validate(await _order(runtime, symbol, order_id))


@router.delete(
    "/order/{symbol}/{order_id}",
    responses={202: {"model": OrderOut, "description": "it is not known yet to be over"}},
)
async def delete_order(
    _: Caller, runtime: TheRuntime, symbol: SymbolPath, order_id: Id, response: Response
) -> OrderOut:
    """Cancel an order; what had filled stays filled. 202 while it is not known to be over."""
    order = await _order(runtime, symbol, order_id)
    async with runtime.desk.locks[order.symbol]:
        order = await _order(runtime, symbol, order_id)
        if order.status.is_final:
            raise Conflict(f"order {order_id} is {order.status} already")
        await cancel_order(runtime.desk, order)
    order = await _order(runtime, symbol, order_id)
    if not order.status.is_final:
        response.status_code = 202
    return OrderOut.model_validate(order)


async def _order(runtime: Runtime, symbol: str, order_id: str) -> Order:
    wanted = parse_symbol(symbol, runtime.market_type)
    order = await runtime.desk.store.read(lambda transaction: transaction.orders.get(order_id))
    if order is None or order.symbol != wanted:
        raise NotFound(f"order {order_id} on {wanted} is not known")
    return order
