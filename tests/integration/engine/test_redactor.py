"""The redactor itself, in a Java machine without an engine: parts give what the whole gives."""

import subprocess
import sys

SCRIPT = """
import random, re, sys
import jpype
from cerberus.engine.install import require_installed
from cerberus.engine.jvm.machine import library
from cerberus.settings import EngineSettings, Paths

installed = require_installed(Paths(), EngineSettings())
jpype.startJVM(str(library()), classpath=[str(installed.class_path[-1])], convertStrings=True)
from cerberus.engine.kestra.redaction import Redacting

VALUES = ["secret", "secretly", "ret-of-it", "xxxxxx", "Ünser-Wort", "0123456789" * 3]
jpype.JClass("io.cerberus.kestra.Redactor").know(VALUES)
longest_first = sorted(VALUES, key=len, reverse=True)
pattern = re.compile("|".join(map(re.escape, longest_first)).encode(), re.IGNORECASE)
chance = random.Random(5)
words = [*VALUES, *(v[: len(v) // 2] for v in VALUES), *(v.upper() for v in VALUES[:4]), " ", "a"]
for _ in range(400):
    text = "".join(chance.choice(words) for _ in range(chance.randint(0, 12))).encode()
    expected = pattern.sub(b"******", text)
    whole = Redacting().feed(text, is_last=True)
    assert whole == expected, (text, whole, expected)
    parts, left, redacting = [], text, Redacting()
    while left:
        size = chance.randint(1, 9)
        part, left = left[:size], left[size:]
        parts.append(redacting.feed(part, is_last=False))
    parts.append(redacting.feed(b"", is_last=True))
    joined = b"".join(parts)
    # a value may be told from a longer one only by what follows: never less is hidden
    assert pattern.search(joined) is None, (text, joined)
    assert joined.replace(b"******", b"") in text or b"******" in joined, (text, joined)
print("done")
"""


def test_a_text_in_parts_shows_no_secret_and_loses_nothing_else() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr[-2000:]
