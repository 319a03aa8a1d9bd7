"""Commands that change something; the API decides, does it, and keeps it."""

from __future__ import annotations

from dataclasses import dataclass

from cerberus.chat.asked import Asked
from cerberus.chat.confirmations import LIFETIME, Confirmations
from cerberus.client.api import CerberusClient
from cerberus.commands.stop import describe_stop
from cerberus.errors import CerberusError, Invalid
from cerberus.ports import Clock

_ALL = "all"
_REASON_LENGTH = 400


@dataclass(slots=True)
class Acting:
    """The commands that act, with the codes of their second steps."""

    clock: Clock
    confirmations: Confirmations

    def pause(self, api: CerberusClient, asked: Asked) -> str:
        """Hold entries back, for some minutes where they are told."""
        minutes, words = None, asked.words
        if words and words[0].isascii() and words[0].isdigit():
            minutes, words = int(words[0][:9]), words[1:]
        told = api.maintenance(
            on=True, reason=_reason(asked, words), minutes=minutes, idempotency_key=asked.key
        )
        until = told.get("until")
        lasting = f"until {until}" if until else "until /resume"
        return f"entries are held back {lasting}; positions stay protected"

    def resume(self, api: CerberusClient, asked: Asked) -> str:
        """Let entries through again, unless something else holds them back."""
        api.maintenance(on=False, reason=_reason(asked, asked.words), idempotency_key=asked.key)
        blocked = api.health()["blocked_by"]
        return "entries are let through again" + "".join(f"\nbut for {why}" for why in blocked)

    def close(self, api: CerberusClient, asked: Asked) -> str:
        """Close the position of a symbol, or all of them with a code."""
        if not asked.words:
            raise Invalid("symbol", "one is expected, as in /close BTC/USDT, or /close all")
        if asked.words[0].lower() != _ALL:
            held = api.holdings(asked.words[0])
        else:
            missing = self._second_step(asked, "close all", asked.words[1:])
            if missing:
                return missing
            held = api.holdings()
        if not held:
            return "nothing is held"
        return "\n".join(
            _close(api, str(one["symbol"]), str(one["position_id"]), asked) for one in held
        )

    def emergency(self, api: CerberusClient, asked: Asked) -> str:
        """Stop everything, with a code; locked until released."""
        missing = self._second_step(asked, "emergency", asked.words)
        if missing:
            return missing
        stopped = api.emergency_stop(f"told by {asked.actor}", idempotency_key=asked.key)
        return describe_stop(stopped)

    def _second_step(self, asked: Asked, action: str, words: tuple[str, ...]) -> str:
        """Return what is to be sent back first, empty when the code was right."""
        now = self.clock.now()
        if words and self.confirmations.take(asked, action, words[0], now):
            return ""
        wrong = "that code is wrong or too old\n" if words else ""
        code = self.confirmations.offer(asked, action, now)
        what = {
            "emergency": "block entries, cancel entry orders and close every position",
            "close all": "close every position",
        }[action]
        seconds = int(LIFETIME.total_seconds())
        return f"{wrong}to {what}, send within {seconds} s:\n/{action} {code}"


def _close(api: CerberusClient, symbol: str, position_id: str, asked: Asked) -> str:
    try:
        trade = api.close_position(
            position_id, _reason(asked, ()), idempotency_key=f"{asked.key}-{position_id}"
        )
    except CerberusError as error:  # the others are closed all the same
        return f"{symbol}: FAILED, {error}"
    if trade["status"] != "closed":
        return f"{symbol}: {trade['status']}, the API goes on closing it"
    return f"{symbol}: closed, net result {trade['net_pnl']} USD"


def _reason(asked: Asked, words: tuple[str, ...]) -> str:
    return " ".join((f"told by {asked.actor}", *words))[:_REASON_LENGTH]
