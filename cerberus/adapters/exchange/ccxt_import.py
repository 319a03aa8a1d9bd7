"""Import ccxt without its hundred venues: they cost seconds at each start, also after a kill.

ccxt's packages import every venue in their `__init__`. Here both packages are put in place with
the names of ccxt's base alone, so that `import ccxt.async_support.gate` runs just that file.
Whoever asks a package for any other name gets it: the real `__init__` runs then.
"""

import importlib
import sys
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any


def postpone_venues() -> None:
    """Put ccxt's packages in place; nothing happens where ccxt was imported already."""
    if "ccxt" in sys.modules:
        return
    ccxt = _postpone("ccxt")
    vars(ccxt)["async_support"] = _postpone("ccxt.async_support")
    for name in ("ccxt.base.errors", "ccxt.base.exchange"):
        base = importlib.import_module(name)
        vars(ccxt).update({known: getattr(base, known) for known in base.__all__})


def _postpone(name: str) -> ModuleType:
    spec = find_spec(name)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    package = module_from_spec(spec)
    vars(package)["__getattr__"] = _whole(package, spec)
    sys.modules[name] = package
    return package


def _whole(package: ModuleType, spec: ModuleSpec) -> Any:
    def attribute(name: str) -> Any:
        if vars(package).pop("__getattr__", None) is not None and spec.loader is not None:
            spec.loader.exec_module(package)
        if name not in vars(package):
            raise AttributeError(
                f"module {package.__name__!r} has no attribute {name!r}", name=name
            )
        return vars(package)[name]

    return attribute


# before any module of this package names a venue's client
postpone_venues()
