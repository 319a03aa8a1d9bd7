import os
import socket
from pathlib import Path

import pytest

from cerberus.engine.jvm.home import claim_home, require_free_port, sweep
from cerberus.errors import Misconfigured


def test_one_engine_owns_the_folder_until_it_lets_go(tmp_path: Path) -> None:
    owned = claim_home(tmp_path)
    with pytest.raises(Misconfigured, match=rf"process {os.getpid()}\).*set CERBERUS_VAR"):
        claim_home(tmp_path)
    owned.close()
    claim_home(tmp_path).close()


def test_what_dead_tasks_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / "task" / "deep").mkdir(parents=True)
    (tmp_path / "task" / "deep" / "file").touch()
    (tmp_path / "file").touch()
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_port_on_which_something_listens_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Misconfigured, match=f"port {port} of 127.0.0.1 is taken, set X_PORT"):
            require_free_port("127.0.0.1", port, "X_PORT")
    require_free_port("127.0.0.1", port, "X_PORT")
