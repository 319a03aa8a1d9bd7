"""Answers every command: audited first, then done by the API."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from cerberus.chat import looking
from cerberus.chat.acting import Acting
from cerberus.chat.asked import Asked, Reply
from cerberus.chat.confirmations import Confirmations
from cerberus.client.api import CerberusClient
from cerberus.errors import CerberusError
from cerberus.ports import Clock

log = logging.getLogger(__name__)

#: what the audit trail keeps of a command's words
_DETAIL_LENGTH = 500


class Command(NamedTuple):
    """One command: how it is written, what it does, and whether it changes anything."""

    usage: str
    what: str
    act: Callable[[CerberusClient, Asked], str | Reply]
    changes: bool = False
    #: done even when it cannot be noted first
    is_urgent: bool = False


@dataclass(slots=True)
class Operator:
    """The desk that answers; one client of the API for each command."""

    connect: Callable[[], CerberusClient]
    clock: Clock
    confirmations: Confirmations = field(default_factory=Confirmations)

    @property
    def commands(self) -> Mapping[str, Command]:
        """Return every command by its name, in the order of the help."""
        acting = Acting(self.clock, self.confirmations)
        return {
            "help": Command("", "this list", lambda _api, _asked: self.help()),
            "status": Command("", "health, positions, newest trades", looking.status),
            "health": Command("", "how each part is", looking.health),
            "eval": Command("[SYMBOL]", "what the strategies see now", looking.evaluate),
            "why": Command("[ID]", "the story of a trade, order or signal", looking.why),
            "profit": Command("[DAYS]", "the day in figures, and charts", looking.profit),
            "positions": Command("", "what is held", looking.positions),
            "exits": Command("", "stops and targets in place", looking.exits),
            "test": Command("", "API, exchange, strategies, an alert", looking.test),
            "metrics": Command("", "figures", looking.metrics),
            "pause": Command("[MINUTES] [WHY]", "hold entries back", acting.pause, True),
            "resume": Command("", "let entries through again", acting.resume, True),
            "close": Command("SYMBOL | all", "close a position, or all", acting.close, True),
            "emergency": Command("", "stop everything, in two steps", acting.emergency, True, True),
        }

    def help(self) -> str:
        """Return the list of commands."""
        return "\n".join(
            f"/{name} {one.usage}".rstrip() + f": {one.what}" for name, one in self.commands.items()
        )

    def answer(self, asked: Asked) -> Reply:
        """Note a command, do it and return what to say; an error is an answer too."""
        told = self._answer(asked)
        return told if isinstance(told, Reply) else Reply(told)

    def _answer(self, asked: Asked) -> str | Reply:
        command = self.commands.get(asked.command)
        if command is None:
            return f"/{asked.command[:40]} is not known\n\n{self.help()}"
        if asked.is_old(self.clock.now()):
            return (
                f"/{asked.command} was sent at {asked.at:%H:%M:%S} UTC, too long ago: send it again"
            )
        try:
            with self.connect() as api:
                self._note(api, asked, command)
                return command.act(api, asked)
        except CerberusError as error:
            log.warning("chat_command_failed command=%s reason=%s", asked.command, error)
            return f"/{asked.command} failed: {error}"

    def _note(self, api: CerberusClient, asked: Asked, command: Command) -> None:
        detail = " ".join(asked.words)[:_DETAIL_LENGTH]
        try:
            api.note(asked.actor, f"chat_{asked.command}", asked.key, detail)
        except CerberusError as error:
            if command.changes and not command.is_urgent:
                raise
            log.warning("chat_not_noted command=%s reason=%s", asked.command, error)
