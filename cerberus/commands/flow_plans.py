"""How each flow is run by hand to see that it works, without trading or stopping anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

#: flows that act by their defaults must stand in the table below, or are not run
ACTING = ("cerberus.trading", "cerberus.positions", "cerberus.system")
#: no venue has it, so that a signal for it is looked at and never traded
NO_SYMBOL = "CERBERUSTEST/USDT"
SOURCE = "scripts/test-kestra-integration.sh"


class Plan(NamedTuple):
    """Inputs for one run, and what is held back in it."""

    inputs: Mapping[str, str]
    held_back: str = ""


def refused_signal(id_: str) -> dict[str, str]:
    """Return a signal that the pipeline takes through validation, which refuses its symbol."""
    return {"symbol": NO_SYMBOL, "side": "buy", "strategy": "integration-test", "id": id_}


def plans(mark: str) -> dict[str, list[Plan]]:
    """Return the runs of the flows that need more than their defaults; `mark` is of this call."""
    alert = {**_passed_over(mark), "resolved": False, "name": "external", "fingerprint": mark}
    return {
        "cerberus-trading-pipeline": [
            Plan({"signal": json.dumps(refused_signal(mark))}, "dry: its signal is refused")
        ],
        "cerberus-position-management": [
            Plan({"action": "monitor"}),
            Plan({"action": "close_all", "dry_run": "true"}, "dry run: closes nothing"),
            Plan({"action": "emergency_close", "dry_run": "true"}, "dry run: stops nothing"),
        ],
        "cerberus-system-management": [
            Plan({"operation": "health_check"}, "neither stops, restarts nor releases")
        ],
        "cerberus-reconciliation": [Plan({}, "what the API does by itself every minute")],
        "cerberus-housekeeping": [Plan({"keep_days": "3650"}, "deletes nothing of ten years")],
        "cerberus-failure-alert": [
            Plan({"what": "SLA", "about_flow": f"integration.test.{mark}"}, "of no real execution")
        ],
        "cerberus-notify": [Plan(_passed_over(mark) | {"about": mark})],
        "cerberus-advanced-alerting": [
            Plan({}),
            Plan({"alerts": json.dumps([alert])}),
            Plan({"alerts": json.dumps([alert | {"resolved": True}])}, "the end of the same"),
        ],
    }


def _passed_over(mark: str) -> dict[str, str]:
    """Return what people may read and pass over."""
    return {
        "level": "INFO",
        "title": f"integration test {mark}",
        "message": "told by a test, to be passed over",
        "source": SOURCE,
    }
