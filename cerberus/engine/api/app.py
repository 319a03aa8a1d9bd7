"""Put routers, credentials and error handling together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, Depends, FastAPI, HTTPException

from cerberus.engine.api import openapi
from cerberus.engine.api.auth import Credentials, require_credentials
from cerberus.engine.api.bodies import BodyLimit
from cerberus.engine.api.openapi import operation_id
from cerberus.engine.api.paths import TenantPaths
from cerberus.engine.api.problems import add_problem_handlers
from cerberus.engine.api.redaction import RedactAnswers
from cerberus.engine.api.routers import (
    care,
    configs,
    dashboards,
    engine,
    execution_actions,
    execution_bulk,
    execution_views,
    executions,
    flow_bulk,
    flow_sources,
    flow_views,
    flows,
    health,
    kv,
    logs,
    metrics,
    namespace_files,
    namespaces,
    outputs,
    plugins,
    secrets,
    trigger_actions,
    triggers,
    webhooks,
)
from cerberus.engine.api.streams import Followers
from cerberus.engine.api.threads import JavaThreads
from cerberus.engine.kestra.facade import Kestra
from cerberus.engine.reports import Reports

#: webhooks stand before executions, whose routes have the same shape
OPEN = (health.router, webhooks.router)
PROTECTED = (
    configs.router,
    flow_bulk.router,
    flow_sources.router,
    flow_views.router,
    flows.router,
    execution_bulk.router,
    execution_views.router,
    execution_actions.router,
    executions.router,
    outputs.router,
    logs.router,
    trigger_actions.router,
    triggers.router,
    metrics.router,
    kv.router,
    namespace_files.router,
    namespaces.router,
    secrets.router,
    dashboards.router,
    plugins.router,
    engine.router,
    openapi.router,
    care.router,
)


def build_app(kestra: Kestra, credentials: Credentials, reports: Reports) -> FastAPI:
    """Return the ASGI application over a running engine."""
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=operation_id,
        lifespan=_lifespan,
    )
    app.state.kestra = kestra
    app.state.credentials = credentials
    app.state.reports = reports
    app.state.threads = JavaThreads()
    app.state.followers = Followers(kestra.streams, app.state.threads)
    for each in OPEN:
        app.include_router(each)
    for each in (*PROTECTED, _everything_else()):
        app.include_router(each, dependencies=[Depends(require_credentials)])
    add_problem_handlers(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(TenantPaths)
    app.add_middleware(RedactAnswers)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.followers.stop()


def _everything_else() -> APIRouter:
    router = APIRouter()

    @router.api_route(
        "/{path:path}",
        methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        include_in_schema=False,
    )
    async def not_served(path: str) -> None:
        """Answer 404, but only to who has the credentials."""
        raise HTTPException(404, f"/{path} is not served")

    return router
