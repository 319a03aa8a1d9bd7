"""The API's process: `python -m api`, and `python -m api migrate` for its database alone."""

import fcntl
import logging
import sys
from pathlib import Path
from typing import TextIO

from cerberus.bootstrap_store import migrate_database
from cerberus.errors import Misconfigured
from cerberus.settings import Paths, Ports, load


def main() -> int:
    """Serve until told to stop; refuse to start beside another API on the same state."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)-7s %(name)s %(message)s"
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        lock = _only_one(load(Paths).under_var("data", "api.lock"))
        if sys.argv[1:] == ["migrate"]:
            print(migrate_database())
            return 0
        return _serve(lock)
    except Misconfigured as error:
        print(f"cannot start: {error}", file=sys.stderr)
        return 78  # EX_CONFIG


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


def _only_one(path: Path) -> TextIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Misconfigured(f"another API runs on this state ({path.name} is held)") from error
    return lock


if __name__ == "__main__":
    sys.exit(main())
