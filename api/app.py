"""The application: routers, problems, limits of a request, and the life of the runtime."""

import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from prometheus_client import disable_created_metrics

from api import problems
from api.docs_page import serve_docs
from api.documentation import document
from api.gate import Gate
from api.routers import (
    alerts,
    analytics,
    anomalies,
    audit,
    backups,
    coordination,
    health,
    limits,
    market,
    orders,
    parity,
    positions,
    reconciliation,
    risk,
    short,
    signals,
    system,
    telegram,
    trades,
    webhooks,
)
from cerberus import __version__
from cerberus.bootstrap import Runtime

log = logging.getLogger(__name__)


def create_app(runtime: Runtime, stop: Callable[[], None]) -> FastAPI:
    """Return the application over a runtime; `stop` lets the process drain and end."""

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        await runtime.start()
        yield
        began = time.monotonic()
        await runtime.stop()
        log.info("stopped seconds=%.2f", time.monotonic() - began)

    app = FastAPI(
        title="Cerberus",
        version=__version__,
        description="Whether a trade is made, and making it. Times are UTC, decimals are text.",
        lifespan=life,
        docs_url=None,
        redoc_url=None,
    )
    app.state.runtime = runtime
    app.state.stop = stop
    #: keys whose answer the store could not take
    app.state.unkept = set()
    # a start time beside every histogram helps nobody
    disable_created_metrics()  # type: ignore[no-untyped-call]  # untyped there
    problems.install(app)
    document(app)
    serve_docs(app)
    app.add_middleware(Gate)
    desk = (health, signals, risk, trades, short, positions, orders, market, limits, system)
    operations = (reconciliation, backups, coordination, analytics, parity, audit)
    telling = (alerts, anomalies, webhooks, telegram)
    for part in (*desk, *operations, *telling):
        app.include_router(part.router)
    return app
