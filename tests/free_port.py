"""A free port of loopback for a server of a test."""

import random
import socket
from contextlib import suppress

#: below those that outgoing connections take: one of them must not sit on a port chosen here
_PORTS = (12_000, 32_000)
# forks, and tests with a seed of their own, must not choose alike
_CHANCE = random.SystemRandom()


def free_port() -> int:
    """Return a port that nothing listens on, and that no outgoing connection gets."""
    while True:
        port = _CHANCE.randrange(*_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
