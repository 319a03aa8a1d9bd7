"""A figure on its way to the metrics."""

from collections.abc import Mapping
from decimal import Decimal

#: name, help, value, labels
Reading = tuple[str, str, Decimal | int | float, Mapping[str, str]]
