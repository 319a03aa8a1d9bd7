"""Installing for real: the compiler, and (long) the registry."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from cerberus.engine.install import install, require_installed
from cerberus.engine.install.compile import CompileFailed, compile_jar, sources_digest
from cerberus.engine.install.lock import read_lock
from cerberus.settings import EngineSettings, Paths

CLASS = "package x;\npublic class One { int value = 1; }\n"


def compiler() -> Path:
    done = require_installed(Paths(), EngineSettings())
    assert done is not None
    return next((done.cache / "jars").glob("*__ecj-*.jar"))


def test_equal_sources_make_an_equal_jar(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "x").mkdir(parents=True)
    (source / "x" / "One.java").write_text(CLASS)
    jars = [tmp_path / "one.jar", tmp_path / "two.jar"]
    for jar in jars:
        compile_jar(source, compiler(), [], jar)
    assert jars[0].read_bytes() == jars[1].read_bytes()
    before = sources_digest(source, "lock")
    (source / "x" / "One.java").write_text(CLASS.replace("1", "2"))
    assert sources_digest(source, "lock") != before


def test_a_class_that_does_not_compile_is_shown_and_leaves_no_jar(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "One.java").write_text("public class One { nonsense }")
    with pytest.raises(CompileFailed, match="nonsense"):
        compile_jar(source, compiler(), [], tmp_path / "out" / "one.jar")
    assert list((tmp_path / "out").iterdir()) == []


def test_the_command_is_quick_when_all_is_there() -> None:
    command = [sys.executable, "-m", "cerberus.engine", "install"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "194 jars in" in done.stdout
    assert "fetch" not in done.stderr


@pytest.mark.long
def test_fetches_all_into_an_empty_cache_and_mends_what_breaks(tmp_path: Path) -> None:
    paths, settings = Paths(), EngineSettings(cache=tmp_path)
    done = install(paths, settings, Console(file=io.StringIO()))
    jars = list((done.cache / "jars").iterdir())
    assert len(jars) == len(read_lock(paths.root / "kestra" / "engine.lock"))
    half = jars[0]
    os.truncate(half, half.stat().st_size // 2)
    text = io.StringIO()
    assert install(paths, settings, Console(file=text)) == done
    assert "fetch the engine's jars: 1 of 1" in text.getvalue()
    assert not list(done.cache.glob("partial-*"))
