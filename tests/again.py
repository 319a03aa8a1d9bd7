"""Run the suite, and what failed once more, alone: `scripts/test --again`.

Thousands of tests beside each other, most of them with processes of their own, share two cores: now
and then one of them meets a moment that nobody has thought of. That is a defect, of the test or of
the program, so it is named at the end for somebody to mend; but it is not what the change that is
being tried has broken, as long as the test passes alone and no more than a few are like that.
"""

import json
import subprocess
import sys
from pathlib import Path

#: more failures than this are no accident
MOST = 3
SOME_FAILED = 1


def run(folder: Path, arguments: list[str]) -> int:
    """Run pytest in a folder, a second time for what failed, and return the exit code."""
    result = _pytest(folder, ["--cache-clear", *arguments])
    failed = _failed(folder)
    if result != SOME_FAILED or not 0 < len(failed) <= MOST:
        return result
    print(f"\nonce more, alone: {len(failed)} of the tests, which failed\n", flush=True)
    if result := _pytest(folder, failed):
        return result
    print("\nunsteady, passed only the second time; each one is a defect to be mended:")
    print("\n".join(f"  {name}" for name in failed))
    return 0


def _pytest(folder: Path, arguments: list[str]) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=folder).returncode


def _failed(folder: Path) -> list[str]:
    """Return the names of the tests that failed, without the group that xdist adds to them."""
    noted = folder / ".pytest_cache/v/cache/lastfailed"
    if not noted.exists():
        return []
    return [_without_group(name) for name in json.loads(noted.read_text())]


def _without_group(name: str) -> str:
    bare, at, group = name.rpartition("@")
    return bare if at and "]" not in group else name


if __name__ == "__main__":
    sys.exit(run(Path.cwd(), sys.argv[1:]))
