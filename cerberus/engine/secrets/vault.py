"""The secrets as their files say now, and every value that was ever one."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from cerberus.engine.secrets.forms import forms_of
from cerberus.engine.secrets.sources import SecretSources
from cerberus.errors import Misconfigured

#: takes name and value of each secret, and every form to hide
Receiver: TypeAlias = Callable[[Mapping[str, str], Sequence[str]], None]

_log = logging.getLogger(__name__)


class Vault:
    """Secrets that can change while the engine runs; what was hidden once stays hidden.

    Raises
    ------
    Misconfigured
        At the start a source does not fit. Later on the last good secrets stay.
    """

    def __init__(self, sources: SecretSources) -> None:
        self._sources = sources
        self._done = self._seen = sources.signature()
        self._receivers: list[Receiver] = []
        self._values: set[str] = set()
        self.secrets: Mapping[str, str] = {}
        self.hidden: tuple[str, ...] = ()
        self.problem: str | None = None
        self._read()

    def connect(self, receiver: Receiver) -> None:
        """Let a receiver have the secrets, now and after each change."""
        self._receivers.append(receiver)
        receiver(self.secrets, self.hidden)

    def look(self) -> None:
        """Read again when something changed and has stood still since the last look."""
        seen, was = self._sources.signature(), self._seen
        self._seen = seen
        if seen == self._done or seen != was:
            return
        self._done = seen
        try:
            self._read()
        except (Misconfigured, OSError, UnicodeDecodeError) as error:
            self.problem = str(error)
            _log.error("the new secrets are not used: %s", error)
            return
        for receiver in self._receivers:
            receiver(self.secrets, self.hidden)
        _log.info("secrets read again count=%d", len(self.secrets))

    def _read(self) -> None:
        secrets = self._sources.read()
        values = {*secrets.values(), *self._sources.others()}
        if not values <= self._values:
            self._values |= values
            self.hidden = tuple(forms_of(self._values))
        self.secrets, self.problem = secrets, None
