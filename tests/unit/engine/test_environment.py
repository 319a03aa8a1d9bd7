import os
import sys

import pytest

from cerberus.engine.jvm.environment import allowed, put_own_python_first


def test_lets_nothing_pass_that_may_be_a_secret() -> None:
    kept = {
        "PATH": "/bin",
        "CERBERUS_VAR": "var",
        "CERBERUS_ENGINE_PORT": "1",
        "CERBERUS_API_PORT": "2",
        "PYTHONUNBUFFERED": "1",
    }
    others = {
        "SECRET_X": "x",
        "KESTRA_CONFIGURATION": "x",
        "CERBERUS_API_TOKEN": "x",
        "GATE_API_SECRET": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "HTTPS_PROXY": "http://user:password@proxy",
    }
    assert allowed({**kept, **others}) == kept


def test_python_in_a_task_is_the_engines_own(monkeypatch: pytest.MonkeyPatch) -> None:
    own = os.path.dirname(sys.executable)
    monkeypatch.setenv("PATH", f"/usr/bin{os.pathsep}{own}{os.pathsep}/bin")
    put_own_python_first()
    assert os.environ["PATH"].split(os.pathsep) == [own, "/usr/bin", "/bin"]
