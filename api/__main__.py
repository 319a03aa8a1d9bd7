"""The API's process: `python -m api`, and what is done in its place while it does not run.

`python -m api migrate | backup | restore FILE | emergency-stop REASON`
"""

import fcntl
import logging
import sys
from pathlib import Path
from typing import TextIO

from cerberus.bootstrap_store import back_up_database, migrate_database, restore_database
from cerberus.errors import CerberusError, Misconfigured
from cerberus.settings import Paths, Ports, load

_COMMANDS = "migrate | backup | restore FILE | emergency-stop REASON"


def main() -> int:
    """Serve until told to stop; refuse to start beside another API on the same state."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)-7s %(name)s %(message)s"
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        match sys.argv[1:]:
            case ["backup"]:
                # the copy is sound beside an API too, and may be wanted when that one hangs
                taken = back_up_database()
                one = taken.backup
                print(f"{one.file} {one.bytes} bytes, sha256 {one.sha256}, {taken.seconds} s")
            case ["migrate"]:
                with _only_one():
                    print(migrate_database())
            case ["restore", file]:
                with _only_one():
                    former = restore_database(Path(file))
                print(f"restored; the former state is {former}" if former else "restored")
            case ["emergency-stop", reason]:
                return _stop_directly(reason)
            case []:
                return _serve(_only_one())
            case _:
                print(f"usage: python -m api [{_COMMANDS}]", file=sys.stderr)
                return 2
    except Misconfigured as error:
        print(f"cannot start: {error}", file=sys.stderr)
        return 78  # EX_CONFIG
    except CerberusError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _stop_directly(reason: str) -> int:
    import asyncio

    from cerberus.bootstrap_direct import stop_directly

    logging.getLogger().setLevel(logging.CRITICAL)  # what happens is told in plain words
    done = asyncio.run(stop_directly(reason, lambda told: print(told, flush=True)))
    return 0 if done else 1


def _serve(lock: TextIO) -> int:
    # seconds of imports, which migrating does without
    import uvicorn

    from api.app import create_app
    from cerberus.bootstrap import build

    ports = load(Ports)
    app = create_app(build(), lambda: setattr(server, "should_exit", True))
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=ports.host,
            port=ports.api_port,
            log_level="warning",
            access_log=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=2,
        )
    )
    server.run()
    lock.close()
    return 0 if server.started else 1


def _only_one() -> TextIO:
    path = load(Paths).under_var("data", "api.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Misconfigured(f"another API runs on this state ({path.name} is held)") from error
    return lock


if __name__ == "__main__":
    sys.exit(main())
