"""House rules that the linter does not know; each takes a file and yields what breaks the rule."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

LIBRARY = ("cerberus", "cerberus_tasks", "api", "console", "bench", "scripts")
FILE_LINES, TEST_FILE_LINES, TASK_FILE_LINES, FUNCTION_LINES = 300, 400, 40, 40

#: read no clock and wait for nothing: a Clock is injected
CLOCKLESS = tuple(
    f"cerberus/{name}/" for name in ("domain", "models", "strategies", "services", "backtest")
)
CLOCK_CALLS = {
    "asyncio.sleep",
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "time.monotonic",
    "time.perf_counter",
    "time.sleep",
    "time.time",
    "time.time_ns",
}
REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted\.org|repo1?\.maven\.|maven\.org|registry\.npmjs\.|ghcr\.io"
    r"|crates\.io|proxy\.golang\.|rubygems\.org"
)
MACHINE_PATH = re.compile(r"(?<![\w.}/~-])/(?:root|home|work|Users)/\w")
SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:\s*no cover)(.*)")
REASONED = {
    "noqa": re.compile(r":\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*\s*(?:-|#)\s*\w"),
    "type": re.compile(r"\[[\w, -]+\]\s*#\s*\w"),
    "pragma": re.compile(r"\s*(?:-|#)\s*\w"),
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One place that breaks a rule."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def tracked_files(root: Path) -> list[str]:
    """Return the paths of all files that git tracks or would track."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    return sorted({path for path in listed.split("\0") if path and (root / path).is_file()})


def check_text(path: str, text: str) -> Iterator[Violation]:
    """Check a file of any kind."""
    for number, line in enumerate(text.splitlines(), 1):
        if REGISTRIES.search(line):
            yield Violation(path, number, "names a registry host; the client's settings know it")
        if MACHINE_PATH.search(line):
            yield Violation(path, number, "names an absolute path of one machine")


def check_python(path: str, text: str) -> Iterator[Violation]:
    """Check a Python file."""
    tree = ast.parse(text, path)
    yield from _check_file_length(path, text)
    yield from _check_function_lengths(path, tree)
    yield from _check_suppressions(path, text)
    if path.startswith(CLOCKLESS):
        yield from _check_clocks(path, tree)
    if path.startswith("cerberus/domain/"):
        yield from _check_domain_imports(path, tree)
    if path.startswith(tuple(f"{folder}/" for folder in LIBRARY)):
        yield from _check_environment(path, tree)
        if not path.startswith("bench/"):
            yield from _check_asserts(path, tree)


def _check_file_length(path: str, text: str) -> Iterator[Violation]:
    limit = FILE_LINES
    if path.startswith("tests/"):
        limit = TEST_FILE_LINES
    elif path.startswith("cerberus_tasks/") and PurePosixPath(path).name != "__init__.py":
        limit = TASK_FILE_LINES
    lines = len(text.splitlines())
    if lines > limit:
        yield Violation(path, lines, f"file of {lines} lines exceeds limit {limit}")


def _check_function_lengths(path: str, tree: ast.AST) -> Iterator[Violation]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if lines > FUNCTION_LINES:
            message = f"function {node.name} of {lines} lines exceeds limit {FUNCTION_LINES}"
            yield Violation(path, node.lineno, message)


def _check_suppressions(path: str, text: str) -> Iterator[Violation]:
    for number, line in enumerate(text.splitlines(), 1):
        found = SUPPRESSION.search(line)
        if found and not REASONED[found[1].split(":")[0]].match(found[2]):
            yield Violation(path, number, f"{found[1]} names no rule or no reason")


def _check_clocks(path: str, tree: ast.AST) -> Iterator[Violation]:
    names = _imported_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = _dotted(node.func, names)
            if called in CLOCK_CALLS:
                yield Violation(path, node.lineno, f"calls {called}; take time from a Clock")


def _check_domain_imports(path: str, tree: ast.AST) -> Iterator[Violation]:
    for node in ast.walk(tree):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            modules = [node.module or ""]
        for module in modules:
            own = module.startswith("cerberus.domain") or module == "cerberus.errors"
            if not own and module.split(".")[0] not in sys.stdlib_module_names:
                message = f"domain imports {module}; only itself and the standard library may be"
                yield Violation(path, node.lineno, message)


def _check_environment(path: str, tree: ast.AST) -> Iterator[Violation]:
    """Passing the whole environment to a child is no reading of a setting."""
    if path == "cerberus/settings.py":
        return
    names = _imported_names(tree)
    for node in ast.walk(tree):
        reads = False
        if isinstance(node, ast.Call):
            called = _dotted(node.func, names)
            reads = called in {"os.getenv", "os.environ.get", "os.environ.pop"}
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            reads = _dotted(node.value, names) == "os.environ"
        if reads:
            yield Violation(path, node.lineno, "reads the environment; only settings.py may")


def _check_asserts(path: str, tree: ast.AST) -> Iterator[Violation]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            yield Violation(path, node.lineno, "assert in library code; raise an error")


def _imported_names(tree: ast.AST) -> dict[str, str]:
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, names)}.{node.attr}"
    return ""
