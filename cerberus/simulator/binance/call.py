"""One request as the handlers see it, its parameters read strictly."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from cerberus.simulator.binance.failures import Failed, illegal, missing
from cerberus.simulator.binance.listen_key import ListenKey
from cerberus.simulator.venue import Venue

_NUMBER = r"^([0-9]{1,20})(\.[0-9]{1,20})?$"
_INTEGER = r"^[0-9]{1,19}$"
_CLIENT_ID = r"^[\.A-Z\:/a-z0-9_-]{1,36}$"
_LARGEST = Decimal("1e15")
_DIGITS = 28


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose signature holds: its parameters, of query and body alike."""

    parameters: Mapping[str, str]
    wall_ms: int = 0
    listen_key: ListenKey = field(default_factory=ListenKey)

    def get(self, name: str) -> str:
        """Return a parameter, empty when it was not sent."""
        return self.parameters.get(name, "")

    def required(self, name: str) -> str:
        """Return a parameter that must have been sent."""
        value = self.get(name)
        if not value:
            raise missing(name)
        return value

    def number(self, name: str) -> Decimal:
        """Return a required number."""
        text = self.required(name)
        if not re.fullmatch(_NUMBER, text, re.ASCII):
            raise illegal(name, _NUMBER)
        value = Decimal(text)
        # beyond this, exact arithmetic would need more digits than the context has
        if value >= _LARGEST or len(value.as_tuple().digits) > _DIGITS:
            raise illegal(name, _NUMBER)
        return value

    def optional_number(self, name: str) -> Decimal | None:
        """Return a number, None when it was not sent."""
        return self.number(name) if self.get(name) else None

    def integer(self, name: str, default: int, low: int = 0, high: int = 1 << 62) -> int:
        """Return an integer within bounds."""
        text = self.get(name)
        if not text:
            return default
        if not re.fullmatch(_INTEGER, text, re.ASCII):
            raise illegal(name, _INTEGER)
        if not low <= int(text) <= high:
            raise Failed(-1130, f"Data sent for parameter '{name}' is not valid.")
        return int(text)

    def flag(self, name: str) -> bool:
        """Return a truth value, false when it was not sent."""
        text = self.get(name).lower()
        if text not in ("", "true", "false"):
            raise Failed(-1130, f"Data sent for parameter '{name}' is not valid.")
        return text == "true"

    def choice(self, name: str, choices: tuple[str, ...], failure: Failed) -> str:
        """Return one of the allowed words, or refuse with the failure."""
        value = self.required(name)
        if value not in choices:
            raise failure
        return value

    def client_id(self, name: str, default: str) -> str:
        """Return an id of the client's own making."""
        value = self.get(name)
        if not value:
            return default
        if not re.fullmatch(_CLIENT_ID, value, re.ASCII):
            raise illegal(name, _CLIENT_ID)
        return value

    def refuse(self, *names: str) -> None:
        """Refuse what is not offered rather than ignore it."""
        for name in names:
            if self.get(name) not in ("", "0", "false"):
                raise Failed(-1106, f"Parameter '{name}' sent when not required.")


Handler = Callable[[Venue, Call], object]


def fixed(value: Decimal, places: int = 8) -> str:
    """Return a number with exactly so many decimals."""
    return f"{value.quantize(Decimal(1).scaleb(-places)):f}"
