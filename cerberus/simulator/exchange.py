"""The exchange: one core, and the wires that venues speak."""

from collections.abc import Callable

from cerberus.simulator.auth import Credentials
from cerberus.simulator.binance.wire import PREFIXES, BinanceWire
from cerberus.simulator.core import Core
from cerberus.simulator.messages import Incoming, Outgoing
from cerberus.simulator.venue import Venue
from cerberus.simulator.wire.gate import GateWire


class Exchange(Core):
    """Answers requests one at a time; the path says which venue's wire is meant."""

    def __init__(self, venue: Venue, credentials: Credentials, wall: Callable[[], float]) -> None:
        super().__init__(venue, wall)
        self._gate = GateWire(self, credentials)
        self._binance = BinanceWire(self, credentials)
        self.streams = self._binance.streams

    def answer(self, incoming: Incoming) -> Outgoing:
        """Answer one request of a venue's own wire."""
        if incoming.target.startswith(PREFIXES):
            return self._binance.answer(incoming)
        return self._gate.answer(incoming)

    def forget_limits(self) -> None:
        """Count every rate limit from nothing again, for tests."""
        self._gate.forget_limits()
        self._binance.forget_limits()
