"""`cerberus workers`: who works on the store, and how the parts of the API are."""

from cerberus.client.tables import aligned
from cerberus.client.worker_answers import Monitored, Workers
from cerberus.commands.connections import api_client

_WORKER_HEADS = ("worker", "kind", "state", "silent", "tasks done", "failed")
_PART_HEADS = ("part", "steps", "failures", "a minute", "silent", "restarts", "problem")


def show_workers() -> str:
    """Return the tables."""
    with api_client() as api:
        return describe(api.workers(), api.monitored())


def describe(told: Workers, parts: Monitored) -> str:
    """Return the text for what the API told."""
    workers = [
        (
            one["worker_id"],
            one["kind"],
            "active" if one["is_active"] else "standby",
            f"{one['silent_seconds']:.0f} s",
            str(one["tasks_done"]),
            str(one["tasks_failed"]),
        )
        for one in told["workers"]
    ]
    components = [
        (
            one["name"],
            str(one["steps"]),
            str(one["failures"]),
            str(one["errors_a_minute"]),
            f"{one['silent_seconds']:.0f} s",
            str(one["restarts"]),
            one["problem"],
        )
        for one in parts["components"]
    ]
    leases = [
        f"lease {one['name']}: token {one['token']}, {one['owner']}, until {one['expires_at']}"
        for one in told["leases"]
    ]
    usage = parts["usage"]
    used = (
        f"processor {usage['cpu_percent']:.0f} %, memory {usage['resident_bytes'] // 2**20} MiB, "
        f"{usage['memory_used_ratio']:.0%} of all is used"
    )
    tables = [aligned(_WORKER_HEADS, workers), *leases, aligned(_PART_HEADS, components), used]
    return "\n".join(tables)
