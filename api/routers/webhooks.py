"""Webhooks: signals and alerts from outside, let in and handed over to their flows."""

import re
import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Security
from fastapi.security import APIKeyHeader
from pydantic import BaseModel

from api.dependencies import TheRuntime
from api.idempotency import HEADER
from api.problems import MEDIA_TYPE
from api.schemas import SignalIn
from cerberus.bootstrap import Runtime
from cerberus.domain.webhooks.bodies import read_text
from cerberus.domain.webhooks.credentials import Signature
from cerberus.domain.webhooks.external_alert import read_alerts
from cerberus.domain.webhooks.trading_view import read_signal
from cerberus.errors import Invalid
from cerberus.services.webhooks import ALERTS, SIGNALS, Call

_SIGNATURE = APIKeyHeader(
    name="X-Cerberus-Signature",
    scheme_name="WebhookSignature",
    auto_error=False,
    description="sha256= and the HMAC of `timestamp.nonce.body` in hex; docs/webhooks.md",
)
_BODIES = {
    "application/json": {"schema": {"type": "object"}},
    "text/plain": {"schema": {"type": "string"}},
}
_ROUTE: dict[str, Any] = {
    "status_code": 202,
    "openapi_extra": {"requestBody": {"required": True, "content": _BODIES}},
    "responses": {
        429: {
            "description": "too many calls, Retry-After says when the next one is taken",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    },
}
#: what the ids of signals, and of alerts with their place behind them, may be
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,119}", re.ASCII)

router = APIRouter(prefix="/webhook", tags=["webhooks"])


class TakenOut(BaseModel):
    """The execution of the flow that has taken over."""

    status: str = "accepted"
    execution_id: str


class SignalTakenOut(TakenOut):
    """A signal on its way; `GET /api/signals` knows it once the flow has told it."""

    signal_id: str


class AlertsTakenOut(TakenOut):
    """Alerts on their way."""

    alerts: int


async def signature_of(
    signature: Annotated[str | None, Security(_SIGNATURE)],
    timestamp: Annotated[str, Header(alias="X-Cerberus-Timestamp")] = "",
    nonce: Annotated[str, Header(alias="X-Cerberus-Nonce")] = "",
) -> Signature:
    """Return what a signed call carries; parts that are missing are empty, hence wrong."""
    return Signature(timestamp, nonce, signature or "")


async def key_of(key: Annotated[str | None, Header(alias=HEADER)] = None) -> str | None:
    """Return the key by which a repeated call is known."""
    return key


TheSignature = Annotated[Signature, Depends(signature_of)]
TheKey = Annotated[str | None, Depends(key_of)]


@router.post("/cerberus-trading-signal", **_ROUTE)
async def signal(
    request: Request, runtime: TheRuntime, signature: TheSignature, key: TheKey
) -> SignalTakenOut:
    """Take a signed signal, ours or TradingView's, and start the trading pipeline with it."""
    return await _take_signal(runtime, Call(SIGNALS, await request.body(), signature), key)


@router.post("/cerberus-trading-signal/{token}", **_ROUTE)
async def signal_by_token(
    request: Request, runtime: TheRuntime, signature: TheSignature, key: TheKey, token: str
) -> SignalTakenOut:
    """Take a signal of a sender that cannot sign; the token in the path is its credential."""
    return await _take_signal(runtime, Call(SIGNALS, await request.body(), signature, token), key)


@router.post("/cerberus-external-alert", **_ROUTE)
async def alert(
    request: Request, runtime: TheRuntime, signature: TheSignature, key: TheKey
) -> AlertsTakenOut:
    """Take signed alerts, Alertmanager's, Grafana's or a plain one, and start their flow."""
    return await _take_alerts(runtime, Call(ALERTS, await request.body(), signature), key)


@router.post("/cerberus-external-alert/{token}", **_ROUTE)
async def alert_by_token(
    request: Request, runtime: TheRuntime, signature: TheSignature, key: TheKey, token: str
) -> AlertsTakenOut:
    """Take alerts of a sender that cannot sign; the token in the path is its credential."""
    return await _take_alerts(runtime, Call(ALERTS, await request.body(), signature, token), key)


async def _take_signal(runtime: Runtime, call: Call, key: str | None) -> SignalTakenOut:
    hooks = runtime.webhooks.service
    await hooks.admit(call, time.monotonic())
    told = SignalIn.model_validate(read_signal(read_text(call.body)))
    told.to_signal(runtime.market_type, runtime.desk.today())  # the symbol is one
    own_id = _checked(HEADER, key) or _checked("id", told.id)
    execution_id = await hooks.hand_over(
        call, told.model_dump(mode="json", exclude_unset=True), own_id
    )
    return SignalTakenOut(execution_id=execution_id, signal_id=own_id or execution_id)


async def _take_alerts(runtime: Runtime, call: Call, key: str | None) -> AlertsTakenOut:
    hooks = runtime.webhooks.service
    await hooks.admit(call, time.monotonic())
    told = read_alerts(read_text(call.body))
    own_id = _checked(HEADER, key) or _checked("id", told[0].sender_id)
    body = {"alerts": [one.to_body() for one in told]}
    execution_id = await hooks.hand_over(call, body, own_id)
    return AlertsTakenOut(execution_id=execution_id, alerts=len(told))


def _checked(name: str, key: str | None) -> str | None:
    if key is not None and not _KEY.fullmatch(key):
        told = f"1 to 120 letters, digits, '.', '_', ':' or '-' are expected, was {key[:40]!r}"
        raise Invalid(name, told)
    return key
