"""A PostgreSQL server of one's own: a folder and a port, ended with the tests."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

START_SECONDS = 60
MISSING = (
    "no PostgreSQL server is installed; on Debian and Ubuntu: apt-get install postgresql "
    "(initdb and postgres are found on PATH or below /usr/lib/postgresql)"
)
UNPRIVILEGED = "PostgreSQL does not run as root, and there is no user `postgres` or `nobody`"


def binaries() -> Path | None:
    """Return the folder of initdb and postgres, the newest version's."""
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    on_path = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
    versions = sorted(installed, key=lambda folder: int(folder.parent.name), reverse=True)
    for folder in [*versions, *on_path]:
        if all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres")):
            return folder
    return None


def user() -> str | None:
    """Return a user who may run the server; None when there is none."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


@contextlib.contextmanager
def served(commands: Path, name: str, port: int) -> Iterator[str]:
    """Run a server in a folder of its own and yield the URL of its database."""
    # pytest's folders are closed to the user that the server runs as
    folder = Path(tempfile.mkdtemp(prefix="cerberus-postgres-"))
    data = folder / "data"
    run_as: dict[str, str] = {}
    if os.geteuid() == 0:
        shutil.chown(folder, name)
        run_as = {"user": name}
    made = [commands / "initdb", "-D", data, "-U", "cerberus", "-A", "trust", "-E", "UTF8"]
    subprocess.run([*made, "--no-sync", "--locale=C"], check=True, capture_output=True, **run_as)
    options = ["-p", str(port), "-k", folder, "-c", "listen_addresses=127.0.0.1"]
    options += ["-c", "fsync=off", "-c", "full_page_writes=off"]  # no power cut is tested here
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [commands / "postgres", "-D", data, *options], stdout=log, stderr=log, **run_as
        )
    try:
        url = f"postgresql+psycopg://cerberus@127.0.0.1:{port}/postgres"
        _wait(url, process, folder / "log")
        yield url
    finally:
        process.send_signal(signal.SIGINT)  # fast: sessions are ended, nothing is waited for
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    plain = url.replace("+psycopg", "")
    while True:
        try:
            psycopg.connect(plain, connect_timeout=5).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from None
            time.sleep(0.1)
        else:
            return
