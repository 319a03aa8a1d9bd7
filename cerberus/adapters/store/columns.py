"""Column types that keep money exact, time aware and enumerations readable."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import Dialect, String, Text
from sqlalchemy.types import TypeDecorator

Choice = TypeVar("Choice", bound=StrEnum)


class Amount(TypeDecorator[Decimal]):
    """A decimal as plain text: exact in every database."""

    impl = String(64)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """Write plain digits, no exponent."""
        if value is not None and not value.is_finite():
            raise ValueError(f"an amount must be finite, was {value}")
        return None if value is None else f"{value:f}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """Read it back."""
        return None if value is None else Decimal(value)


class Total(Amount):
    """A sum of any number of amounts: exact, however many digits that takes."""

    impl = Text()
    cache_ok = True


class Moment(TypeDecorator[datetime]):
    """An aware time as UTC text with microseconds, so that text order is time order."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Write UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time must be aware, was {value.isoformat()}")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Read an aware time."""
        return None if value is None else datetime.fromisoformat(value)


class Member(TypeDecorator[StrEnum]):
    """A member of an enumeration as its text."""

    impl = String(24)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        """Write the member's text."""
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """Read the member."""
        return None if value is None else self.kind(value)
