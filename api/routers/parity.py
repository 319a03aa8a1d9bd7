"""Live trades beside what a backtest makes of their signals."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.dependencies import Caller, TheDesk, TheRuntime
from api.parity_views import ParityOut
from api.routers.analytics import asked_range
from cerberus.backtest.parity import BPS
from cerberus.services.analytics import Asked
from cerberus.services.parity import Model, compare_with_backtest

router = APIRouter(prefix="/api", tags=["analytics"])

#: when no rule in `config/alerts.yaml` says otherwise
THRESHOLD_BPS = Decimal(25)


async def _model(
    timeframe: Annotated[
        str, Query(pattern=r"^[1-9][0-9]{0,2}[mhd]$", description="the length of the bars")
    ] = "1m",
    slippage_bps: Annotated[
        Decimal, Query(ge=0, le=1000, decimal_places=4, description="of each entry and exit")
    ] = Decimal(2),
) -> Model:
    return Model(timeframe, slippage_bps / BPS)


@router.get("/parity")
async def parity(
    _: Caller,
    desk: TheDesk,
    runtime: TheRuntime,
    asked: Annotated[Asked, Depends(asked_range)],
    model: Annotated[Model, Depends(_model)],
) -> ParityOut:
    """Compare what became of a range's signals with a backtest of them over the venue's candles.

    Changes nothing. The rule `parity` of the alerts gives the threshold.
    """
    found = await compare_with_backtest(desk, asked, model)
    threshold = runtime.alerting.rulebook.rules.threshold("parity", THRESHOLD_BPS)
    return ParityOut.of(found, threshold)
