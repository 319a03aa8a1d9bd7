"""Tell the API the signal of a message, and say what has become of the message."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from cerberus.client.answers import Signal
from cerberus.client.api import CerberusClient
from cerberus.client.errors import ApiProblem
from cerberus.domain.inbox import Handled, Outcome, Received, read_message
from cerberus.errors import CerberusError, Invalid

#: risk or the venue has said no: that is a decision, and it is stored
_DECIDED = frozenset({"risk-refused", "rejected"})
#: the fault is not the message's
_OURS = frozenset({401, 403, 408, 409, 429, 502, 503, 504})


def tell_signal(connect: Callable[[], CerberusClient], received: Received) -> Handled:
    """Execute the signal of a message once, however often the message is delivered."""
    try:
        signal = read_message(received)
    except Invalid as error:
        return Handled(Outcome.DEAD, str(error))
    try:
        with connect() as api:
            trade = api.trade(cast("Signal", signal), idempotency_key=received.name)
    except ApiProblem as problem:
        return _judged(problem)
    except CerberusError as error:
        return Handled(Outcome.LATER, str(error))
    return Handled(Outcome.DONE, f"trade {trade['trade_id']}")


def _judged(problem: ApiProblem) -> Handled:
    if problem.kind in _DECIDED:
        return Handled(Outcome.DONE, str(problem))
    if problem.status in _OURS:
        return Handled(Outcome.LATER, str(problem))
    return Handled(Outcome.BROKEN if problem.status >= 500 else Outcome.DEAD, str(problem))
