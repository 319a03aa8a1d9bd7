"""The exception tree, split by what the caller should do.

* CerberusError
  - Transient        retry later: rate limit, connection refused before sending
    + StoreFailed      the state can be neither read nor written now
    + NotTheWriter     another process holds the lease: nothing was stored
    + RateLimited      the venue's limit was reached: wait
    + BreakerOpen      the venue has failed too often: it is not asked for a moment
    + ClockSkewed      the venue refused the time of a request: measure its clock, then retry
    + TooManyCalls     the caller has called too often: nothing was done
  - Rejected         stop: the input or the venue says no
    + Invalid          a field of the input is wrong
    + NotFound         the thing that was named does not exist
    + Conflict         the state does not allow it now
    + Forbidden        the caller may not
    + Unauthorised     nobody knows who the caller is; every reason looks the same
    + OutOfFunds       the venue says that the money is not there: read the balance again
  - Unknown          reconcile: the outcome of a venue call is not known
  - Misconfigured    refuse to start: settings, secrets, files
"""


class CerberusError(Exception):
    """Base of every error that Cerberus raises itself."""


class Transient(CerberusError):
    """A call had no effect and may be retried."""

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class StoreFailed(Transient):
    """The state cannot be read or written: the disk is full, or the database is gone."""


class NotTheWriter(Transient):
    """Another process has the lease, and so the right to write; nothing was stored."""


class RateLimited(Transient):
    """The venue's rate limit was reached; the call had no effect."""


class BreakerOpen(Transient):
    """The venue has failed too often in a row; nothing was sent."""


class ClockSkewed(Transient):
    """The venue refused a request for its timestamp; the call had no effect."""


class TooManyCalls(Transient):
    """The caller has called more often than is allowed; nothing was done."""


class Rejected(CerberusError):
    """The venue or a rule said no; the same call will be refused again."""


class Invalid(Rejected):
    """A field of the input is wrong.

    Parameters
    ----------
    field
        Name of the field as the caller wrote it.
    reason
        What is wrong, with the value and the limit.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class NotFound(Rejected):
    """The thing that was named does not exist."""


class Conflict(Rejected):
    """The present state does not allow it."""


class Forbidden(Rejected):
    """The caller lacks the right to do this."""


class Unauthorised(Rejected):
    """The caller is not known; the message never says why."""


class OutOfFunds(Rejected):
    """The venue says that the money is not there: what is known of the balance is wrong."""


class Unknown(CerberusError):
    """A venue call may or may not have had an effect: ask, never resend."""


class Misconfigured(CerberusError):
    """Settings, secrets or files that do not allow a start; the message says what to change."""
