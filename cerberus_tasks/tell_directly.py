"""Tell people an alert that the API does not take, past it, and hand Kestra what became of it.

    python -m cerberus_tasks.tell_directly alert.json

The file holds what `POST /api/alerts` was to take. It is told by a process of its own, which reads
rules and secrets where the API reads them; this one knows neither.
"""

import json
import subprocess
import sys


def main(file: str) -> int:
    """Let it be told, print the outcome, and return 1 when nobody could be reached."""
    command = [sys.executable, "-m", "api.tell_directly", file]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
    try:
        told = json.loads(done.stdout)
    except ValueError:
        told = {}
    outputs = {"told": told.get("told", False), "channel": told.get("channel") or ""}
    shown = f"told by {outputs['channel']}" if outputs["told"] else "nobody could be told"
    log = {"level": "WARN", "message": f"{shown}, past the API {done.stderr.strip()[-500:]}"}
    print(f"::{json.dumps({'outputs': outputs, 'logs': [log]})}::")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
