"""Strategies by name."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from cerberus.errors import Misconfigured
from cerberus.strategies.ma_cross import MaCross
from cerberus.strategies.rsi_reversion import RsiReversion
from cerberus.strategies.verdict import Strategy

#: name -> how to make the strategy with its default parameters
REGISTRY: Mapping[str, Callable[[], Strategy]] = MappingProxyType(
    {"ma_cross": MaCross, "rsi_reversion": RsiReversion}
)


def strategies_named(names: Iterable[str]) -> tuple[Strategy, ...]:
    """Return the strategies of these names with their default parameters, each once.

    Raises
    ------
    Misconfigured
        A name is not in the registry.
    """
    chosen = []
    for name in dict.fromkeys(names):
        if name not in REGISTRY:
            raise Misconfigured(f"strategy {name!r} is not known, choose of {sorted(REGISTRY)}")
        chosen.append(REGISTRY[name]())
    return tuple(chosen)
