"""Which file each flow came from, kept over restarts: a file may go while no engine runs."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

#: name of a file -> (namespace, id) of each flow in it
Origins: TypeAlias = dict[str, frozenset[tuple[str, str]]]


def read_ledger(path: Path) -> Origins:
    """Return what was written last; nothing where there is none, or none that can be read."""
    try:
        stored = json.loads(path.read_text())
        return {
            str(file): frozenset((str(namespace), str(id_)) for namespace, id_ in flows)
            for file, flows in stored.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def write_ledger(path: Path, origins: Mapping[str, frozenset[tuple[str, str]]]) -> None:
    """Write in one step."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({file: sorted(flows) for file, flows in sorted(origins.items())}))
    os.replace(draft, path)
