"""A copy of the domain and its unit tests, in which defects may be made."""

import ast
import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.areas import ROOT

_SETTINGS = """[tool.mutmut]
source_paths = ["cerberus"]
only_mutate = {files}
pytest_add_cli_args_test_selection = {tests}
use_git_change_detection = false
track_dependencies = false

[tool.pytest.ini_options]
addopts = "--import-mode=importlib -p no:cacheprovider -p no:xdist -p no:randomly"
pythonpath = ["."]
asyncio_mode = "auto"
asyncio_default_fixture_loop_scope = "function"
markers = ["long", "stack", "engine", "kestrapy"]
"""


def build(folder: Path, files: Sequence[str]) -> None:
    """Make the folder anew, with the tests that speak of these files."""
    shutil.rmtree(folder, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__", "data", "migrations")
    shutil.copytree(ROOT / "cerberus", folder / "cerberus", ignore=ignored)
    tests = Path("tests", "unit", "domain")
    shutil.copytree(ROOT / tests, folder / tests, ignore=ignored)
    for file in ("tests/__init__.py", "tests/conftest.py", "tests/unit/__init__.py"):
        shutil.copy(ROOT / file, folder / file)
    for file in files:
        source = folder / file
        source.write_text(with_bare_properties(source.read_text()))
    settings = _SETTINGS.format(files=list(files), tests=_tests_of(folder, tests, files))
    (folder / "pyproject.toml").write_text(settings.replace("'", '"'))


def with_bare_properties(source: str) -> str:
    """Return a module with each property made of a plain method: mutmut spares decorated ones."""
    lines = source.splitlines()
    found = [
        one
        for one in ast.walk(ast.parse(source))
        if isinstance(one, ast.FunctionDef)
        and [ast.unparse(decorator) for decorator in one.decorator_list] == ["property"]
    ]
    for one in sorted(found, key=lambda method: -method.lineno):
        end, indent = one.end_lineno or one.lineno, " " * one.col_offset
        lines.insert(end, f"{indent}{one.name} = property(of_{one.name})")
        head = lines[one.lineno - 1]
        lines[one.lineno - 1] = head.replace(f"def {one.name}(", f"def of_{one.name}(", 1)
        del lines[one.decorator_list[0].lineno - 1]
    return "\n".join(lines) + "\n"


def _tests_of(folder: Path, tests: Path, files: Sequence[str]) -> list[str]:
    modules = [file.removesuffix(".py").replace("/", ".") for file in files]
    return sorted(
        str(found.relative_to(folder))
        for found in (folder / tests).glob("test_*.py")
        if any(f"{module} import" in found.read_text() for module in modules)
    )
