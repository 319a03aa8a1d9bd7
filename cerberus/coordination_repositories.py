"""The repositories by which processes agree, in domain words."""

from typing import Protocol

from cerberus.domain.leases import Lease


class Leases(Protocol):
    """Leases by name."""

    def get(self, name: str) -> Lease | None:
        """Return a lease as it was left last."""
        ...

    def put(self, lease: Lease, /) -> None:
        """Store or replace a lease."""
        ...

    def all(self) -> list[Lease]:
        """Return every lease, by name."""
        ...
