"""One request, as the handlers see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cerberus.simulator.refusals import Refused
from cerberus.simulator.venue import Venue


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose signature holds: path parameters, query and JSON body."""

    path: Mapping[str, str]
    query: Mapping[str, object]
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    wall_ms: int = 0

    @property
    def fields(self) -> dict[str, object]:
        """The body, which must be an object."""
        if not isinstance(self.body, dict):
            raise Refused("INVALID_REQUEST_BODY", "Invalid request body")
        return self.body

    @property
    def items(self) -> list[object]:
        """The body, which must be a list."""
        if not isinstance(self.body, list):
            raise Refused("INVALID_REQUEST_BODY", "Invalid request body")
        return self.body

    @property
    def wants_text_sizes(self) -> bool:
        """Whether futures sizes are to be written as text."""
        return self.headers.get("x-gate-size-decimal") == "1"


Handler = Callable[[Venue, Call], object]
