"""Make `.venv` from a hashed lock: environment.py core|dev FINGERPRINT.

Runs on the machine's own Python, before anything is installed, hence on the standard library only.
uv does the work; it lies in `.venv/uv`, apart from the packages of the environment, so that syncing
those never removes it. A stamp is written last: whatever was interrupted is seen and repaired.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV_FOLDER = VENV / "uv"
UNFINISHED = VENV / ".cerberus-unfinished"

#: pip's settings -> uv's, for machines that reach their packages through a mirror
MIRROR_SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
}


def main(kind: str, fingerprint: str) -> None:
    """Bring the environment to the state of its lock, one process at a time."""
    stamp = VENV / f".cerberus-{kind}"
    with _one_at_a_time():
        if _works() and _text(stamp) == fingerprint:
            return  # another process made it while this one waited
        started = time.monotonic()
        _ensure_venv()
        uv = _ensure_uv()
        _install(uv, kind)
        stamp.write_text(fingerprint)
        _say(f"environment ready ({kind}, {time.monotonic() - started:.1f} s)")


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    handle = os.open(ROOT / "requirements", os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("waiting for another script that prepares the environment")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _ensure_venv() -> None:
    if _works():
        return
    if VENV.exists():
        _say(f"{VENV} does not work, making it anew")
        shutil.rmtree(VENV)
    _say(f"making .venv with Python {sys.version.split()[0]}")
    pip = [] if _has("ensurepip") else ["--without-pip"]
    _run([sys.executable, "-m", "venv", *pip, str(VENV)], "python3 -m venv failed")


def _works() -> bool:
    script = "import sys; sys.exit(sys.version_info < (3, 11) or sys.prefix == sys.base_prefix)"
    try:
        answer = subprocess.run([PYTHON, "-I", "-c", script], capture_output=True, check=False)  # noqa: S603 - our own venv
    except OSError:
        return False
    return answer.returncode == 0


def _ensure_uv() -> Path:
    lock = ROOT / "requirements" / "uv.lock"
    stamp = UV_FOLDER / ".lock"
    uv = UV_FOLDER / "bin" / "uv"
    if uv.exists() and _text(stamp) == lock.read_text():
        return uv
    shutil.rmtree(UV_FOLDER, ignore_errors=True)
    options = ["--require-hashes", "--only-binary", ":all:", "--quiet", "--target", str(UV_FOLDER)]
    _run([*_pip(), "install", *options, "-r", str(lock)], "uv could not be installed")
    stamp.write_text(lock.read_text())
    return uv


def _pip() -> list[str]:
    if next(VENV.glob("lib/python3.*/site-packages/pip"), None):
        return [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
    if _has("pip"):
        return [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    raise SystemExit(
        f"cerberus: {sys.executable} has neither pip nor ensurepip; install your system's "
        "packages for them (Debian and Ubuntu: python3-venv) and start again"
    )


def _install(uv: Path, kind: str) -> None:
    lock = ROOT / "requirements" / f"{kind}.lock"
    # a killed install leaves packages that look whole; only a reinstall is sure to mend them
    mend = ["--reinstall"] if UNFINISHED.exists() else []
    UNFINISHED.touch()
    _say(f"installing {lock.relative_to(ROOT)} into .venv" + (" again" if mend else ""))
    command = [str(uv), "pip", "install", "--python", str(PYTHON)]
    if not sys.stderr.isatty():
        command.append("--quiet")
    problem = f"the packages of {lock} could not be installed"
    _run([*command, "--require-hashes", *mend, "-r", str(lock)], problem)
    project = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    _run([*command, "--quiet", *project], "the project itself could not be installed")
    UNFINISHED.unlink()


def _run(command: list[str], problem: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONHOME"}
    if command[0].endswith("uv"):
        environment = _mirror() | environment
    answer = subprocess.run(command, env=environment, check=False)  # noqa: S603 - fixed commands
    if answer.returncode != 0:
        raise SystemExit(f"cerberus: {problem} (exit code {answer.returncode}, output above)")


def _mirror() -> dict[str, str]:
    command = [*_pip(), "config", "list"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed command
    found = {}
    for line in answer.stdout.splitlines():
        name, _, value = line.partition("=")
        setting = MIRROR_SETTINGS.get(name.rpartition(".")[2])
        if setting:
            found[setting] = value.strip("'\"")
    return found


def _has(module: str) -> bool:
    command = [sys.executable, "-I", "-c", f"import {module}"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - fixed command


def _text(path: Path) -> str | None:
    try:
        return path.read_text()
    except OSError:
        return None


def _say(message: str) -> None:
    print(f"cerberus: {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
