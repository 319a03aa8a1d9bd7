"""What the engine process may see of the environment it was started in.

Every task runs as the same user and can read `/proc/<engine>/environ`, which shows the variables
of the moment of exec for ever. So the engine replaces itself once by itself without the others.
"""

import os
import sys

_NAMES = frozenset(
    {"PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "USER", "LOGNAME"}
    | {"VIRTUAL_ENV", "XDG_CACHE_HOME"}
    | {"CERBERUS_ROOT", "CERBERUS_VAR", "CERBERUS_HOST", "CERBERUS_TIMEZONE"}
    | {"CERBERUS_API_PORT", "CERBERUS_SIMULATOR_PORT", "CERBERUS_ALERTS_FILE"}
    # the supervisor's marks, by which it finds what a killed supervisor left
    | {"CERBERUS_STACK", "CERBERUS_PROCESS"}
)
_PREFIXES = ("CERBERUS_ENGINE_", "COVERAGE_", "PYTHON")


def allowed(environment: dict[str, str]) -> dict[str, str]:
    """Return the variables that the engine needs and that hold no secret."""
    return {
        name: value
        for name, value in environment.items()
        if name in _NAMES or name.startswith(_PREFIXES)
    }


def replace_process_if_unclean(module: str, arguments: list[str]) -> None:
    """Start this process anew, under the same id, when its environment holds anything else."""
    present = dict(os.environ)
    clean = allowed(present)
    if clean == present:
        return
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, [sys.executable, "-m", module, *arguments], clean)  # noqa: S606 - ourselves


def put_own_python_first() -> None:
    """Let `python` in a task mean the interpreter that runs the engine."""
    own = os.path.dirname(sys.executable)
    inherited = dict(os.environ).get("PATH", os.defpath)
    others = [part for part in inherited.split(os.pathsep) if part != own]
    os.environ["PATH"] = os.pathsep.join([own, *others])
