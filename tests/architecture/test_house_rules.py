"""The tree keeps the house rules, and each rule catches what it is for."""

from pathlib import Path

import pytest

from tests.architecture.house_rules import check_python, check_text, tracked_files

ROOT = Path(__file__).resolve().parents[2]
LONG_FUNCTION = "def long():\n" + "    value = 1\n" * 40


def _joined(*parts: str) -> str:
    return "".join(parts)


def test_every_file_keeps_the_house_rules() -> None:
    found = []
    for path in tracked_files(ROOT):
        try:
            text = (ROOT / path).read_text()
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # binary, or removed by another test in the meantime
        found += [str(violation) for violation in check_text(path, text)]
        if path.endswith(".py"):
            found += [str(violation) for violation in check_python(path, text)]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("cerberus/services/x.py", "value = 1\n" * 301, "file of 301 lines exceeds limit 300"),
        ("tests/unit/test_x.py", "value = 1\n" * 401, "file of 401 lines exceeds limit 400"),
        ("cerberus_tasks/x.py", "value = 1\n" * 41, "file of 41 lines exceeds limit 40"),
        ("cerberus/services/x.py", LONG_FUNCTION, "function long of 41 lines exceeds limit 40"),
        ("cerberus/domain/x.py", "import time\ntime.sleep(1)", "calls time.sleep"),
        ("cerberus/domain/x.py", "import time as t\nt.time()", "calls time.time"),
        ("cerberus/services/x.py", "from time import monotonic as m\nm()", "time.monotonic"),
        (
            "cerberus/services/x.py",
            "from datetime import UTC, datetime\ndatetime.now(UTC)",
            "calls datetime.datetime.now",
        ),
        ("cerberus/services/x.py", "import asyncio\nasyncio.sleep(1)", "calls asyncio.sleep"),
        ("cerberus/domain/x.py", "import numpy", "domain imports numpy"),
        ("cerberus/domain/x.py", "from cerberus.services import y", "imports cerberus.services"),
        ("api/x.py", "import os\nos.environ['HOME']", "reads the environment"),
        ("api/x.py", "from os import environ\nenviron.get('HOME')", "reads the environment"),
        ("cerberus/engine/x.py", "import os\nos.getenv('HOME')", "reads the environment"),
        ("cerberus/engine/x.py", "assert True", "assert in library code"),
        ("cerberus/x.py", _joined("import os  # no", "qa\n"), "noqa names no rule"),
        ("cerberus/x.py", _joined("import os  # no", "qa: F401\n"), "noqa names no rule or no"),
        ("cerberus/x.py", _joined("x = 1  # type: ", "ignore[misc]\n"), "type: ignore names no"),
    ],
)
def test_a_python_rule_catches_a_violation(path: str, text: str, message: str) -> None:
    (violation,) = check_python(path, text)

    assert message in violation.message


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("cerberus/services/x.py", LONG_FUNCTION.removesuffix("    value = 1\n")),
        ("cerberus/adapters/x.py", "import time\ntime.sleep(1)"),
        ("cerberus/domain/x.py", "from decimal import Decimal\nfrom cerberus.domain import y"),
        ("cerberus/domain/x.py", "from . import orders\nfrom cerberus.errors import Invalid"),
        ("cerberus/settings.py", "import os\nos.environ['HOME']"),
        ("cerberus/engine/x.py", "import os\nchild = dict(os.environ)\nos.environ['TZ'] = 'UTC'"),
        ("tests/unit/test_x.py", "assert True"),
        ("cerberus/x.py", _joined("import os  # no", "qa: F401 - read by a plug-in\n")),
        ("cerberus/x.py", _joined("x = 1  # type: ", "ignore[misc]  # untyped library\n")),
    ],
)
def test_a_python_rule_lets_good_code_pass(path: str, text: str) -> None:
    assert list(check_python(path, text)) == []


@pytest.mark.parametrize(
    "text",
    [
        _joined("pip install --index-url https://py", "pi.org/simple x"),
        _joined("https://repo1.mav", "en.org/maven2"),
        _joined("cd /ro", "ot/project"),
        _joined('path = "/ho', 'me/somebody/x"'),
    ],
)
def test_a_text_rule_catches_a_violation(text: str) -> None:
    assert len(list(check_text("docs/x.md", text))) == 1


@pytest.mark.parametrize("text", ["var/root/x", "https://example.org/home/page", "GET /work"])
def test_a_text_rule_lets_good_text_pass(text: str) -> None:
    assert list(check_text("docs/x.md", text)) == []
