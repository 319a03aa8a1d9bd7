"""Calls from outside: let in by signature or token, each once, and handed over to a flow."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from cerberus.domain.webhooks.credentials import (
    Signature,
    is_same,
    is_signed,
    nonce_name,
    unspent,
)
from cerberus.errors import StoreFailed, TooManyCalls, Transient, Unauthorised
from cerberus.ports import Clock, Flows, Store, Transaction
from cerberus.resilience.rate_limiter import SlidingWindow

log = logging.getLogger(__name__)

SIGNALS = "cerberus.trading/cerberus-trading-pipeline"
ALERTS = "cerberus.alerting/cerberus-advanced-alerting"

_SPENT = "webhook_nonces"
_WINDOW_SECONDS = 60.0
#: one text for every call whose sender is not known
_REFUSAL = "a valid signature, or the token in the path, is needed; docs/webhooks.md"


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it came in; one with a token in its path needs no signature."""

    flow: str
    body: bytes
    signature: Signature
    token: str | None = None


@dataclass(slots=True)
class Webhooks:
    """The two ways in."""

    store: Store
    clock: Clock
    flows: Flows
    signing_key: str
    path_token: str
    per_minute: int
    _windows: dict[str, SlidingWindow] = field(default_factory=dict)

    async def admit(self, call: Call, tick: float) -> None:
        """Let a call in at a moment of a clock that never goes back, and spend its nonce.

        Only calls of known senders count for the limit, so that a stranger cannot use it up.

        Raises
        ------
        Unauthorised
            The sender is not known, or the call was made before: all the same.
        TooManyCalls
            There were too many within a minute.
        """
        now = self.clock.now()
        if call.token is not None:
            is_known = is_same(self.path_token, call.token)
        else:
            is_known = is_signed(self.signing_key, call.signature, call.body, now)
        # one that overheard a call must not use the limit up by repeating it
        if not is_known or (call.token is None and await self._is_spent(call.signature)):
            raise Unauthorised(_REFUSAL)
        self._count(call.flow, tick)
        if call.token is None:
            await self._spend(call.signature)

    async def hand_over(self, call: Call, body: Mapping[str, object], key: str | None) -> str:
        """Start the flow of an admitted call and return the execution's id.

        A call that could not be handed over may be sent again as it was.
        """
        try:
            execution_id = await self.flows.start(call.flow, body, key)
        except Transient:
            await self._return(call)
            raise
        log.info("webhook_taken flow=%s execution=%s", call.flow, execution_id)
        return execution_id

    def _count(self, flow: str, tick: float) -> None:
        window = self._windows.setdefault(flow, SlidingWindow(self.per_minute, _WINDOW_SECONDS))
        wait = window.take(tick)
        if wait > 0:
            told = f"at most {self.per_minute} calls are taken in a minute"
            raise TooManyCalls(told, wait)

    async def _is_spent(self, signature: Signature) -> bool:
        name = nonce_name(signature.nonce)
        return await self.store.read(lambda transaction: name in transaction.facts.get(_SPENT))

    async def _spend(self, signature: Signature) -> None:
        now, name = self.clock.now(), nonce_name(signature.nonce)

        def spend(transaction: Transaction) -> bool:
            spent = unspent(transaction.facts.get(_SPENT), now)
            if name in spent:
                return False
            transaction.facts.put(_SPENT, spent | {name: signature.timestamp}, now)
            return True

        if not await self.store.write(spend):
            raise Unauthorised(_REFUSAL)

    async def _return(self, call: Call) -> None:
        if call.token is not None:
            return
        now, name = self.clock.now(), nonce_name(call.signature.nonce)

        def forget(transaction: Transaction) -> None:
            spent = unspent(transaction.facts.get(_SPENT), now)
            spent.pop(name, None)
            transaction.facts.put(_SPENT, spent, now)

        try:
            await self.store.write(forget)
        except StoreFailed as error:  # the sender signs it anew
            log.warning("webhook_nonce_kept reason=%s", error)
