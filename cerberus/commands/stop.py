"""`cerberus emergency-stop` and `cerberus release`."""

import subprocess
import sys
import uuid

from cerberus.client.answers import Release, Stopped
from cerberus.commands.connections import STOP_SECONDS, api_client


def stop(reason: str) -> str:
    """Stop everything and return what was done."""
    with api_client(STOP_SECONDS) as api:
        return describe_stop(api.emergency_stop(reason, idempotency_key=f"cli-{uuid.uuid4()}"))


def stop_directly(reason: str) -> int:
    """Stop everything without the API, and return the exit code; it prints what it does."""
    command = [sys.executable, "-m", "api", "emergency-stop", reason]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - ourselves


def release(confirmation: str | None) -> str:
    """Take the first or the second step of a release and return what comes next."""
    with api_client() as api:
        return describe_release(api.release(confirmation))


def describe_stop(stopped: Stopped) -> str:
    """Return the text for what the emergency stop did."""
    lines = [
        f"stopped: {stopped['status']}",
        f"  entry orders cancelled: {stopped['cancelled_orders']}",
        f"  positions closed: {stopped['closed_positions']}, "
        f"still open: {stopped['open_positions']}",
        *([] if stopped["recorded"] else ["  it is not recorded yet, and will be"]),
        *(f"  problem: {problem}" for problem in stopped["problems"]),
        "entries stay blocked until: cerberus release",
    ]
    return "\n".join(lines)


def describe_release(answer: Release) -> str:
    """Return the text for either step of a release."""
    if answer["confirmation"] is None:
        return "released: entries are let through again"
    command = f"cerberus release --confirmation {answer['confirmation']}"
    return f"to release, until {answer['expires_at']}: {command}"
