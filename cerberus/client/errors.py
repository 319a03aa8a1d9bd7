"""What a call can end with, beside an answer.

A refused connection is `Transient`, since nothing was sent. A call that changes something and whose
answer is lost is `Unknown`: ask before sending it again, or repeat it with its idempotency key.
"""

from typing import NamedTuple

from cerberus.errors import CerberusError


class FieldProblem(NamedTuple):
    """One field of the request that is wrong."""

    field: str
    reason: str


class ApiProblem(CerberusError):
    """The API answered with problem details (RFC 9457).

    Parameters
    ----------
    status
        The HTTP status.
    body
        The problem as it came: `type`, `title`, `detail`, `errors` and the members of its kind.
    retry_after_seconds
        From the header `Retry-After`.
    """

    def __init__(
        self, status: int, body: dict[str, object], retry_after_seconds: float | None = None
    ) -> None:
        self.status = status
        self.body = body
        self.retry_after_seconds = retry_after_seconds
        super().__init__(f"{self.title} ({status}): {self.detail}" if self.detail else self.title)

    @property
    def kind(self) -> str:
        """The last part of the problem's type, for example ``risk-refused``."""
        return str(self.body.get("type", "")).rsplit("/", 1)[-1]

    @property
    def title(self) -> str:
        """The kind of problem in words."""
        return str(self.body.get("title") or f"HTTP {self.status}")

    @property
    def detail(self) -> str:
        """What is wrong this time, with the fields that are wrong."""
        told = str(self.body.get("detail") or "")
        fields = "; ".join(f"{one.field}: {one.reason}" for one in self.fields)
        return told if fields in told else f"{told} ({fields})"

    @property
    def fields(self) -> tuple[FieldProblem, ...]:
        """The fields that are wrong."""
        errors = self.body.get("errors")
        return tuple(
            FieldProblem(str(one.get("field", "")), str(one.get("reason", "")))
            for one in (errors if isinstance(errors, list) else [])
            if isinstance(one, dict)
        )
