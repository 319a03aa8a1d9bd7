"""`scripts/health-check.sh`: what is wrong with the running stack; 1 when anything is."""

import argparse
import base64
import shutil
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from cerberus.client.http import JsonConnection
from cerberus.client.monitoring import Problem, Seen, problems
from cerberus.client.tables import aligned
from cerberus.commands.answers_of import ask
from cerberus.commands.connections import api_token, engine_password
from cerberus.commands.process_edge import reporting
from cerberus.settings import EngineSettings, Paths, Ports, load

PARTS = ("api", "database", "exchange", "simulator", "engine", "schedules", "risk", "disk")
#: as the monitoring flow has them by default
_FREE_BYTES = 2**30
_NEAR_SHARE = Decimal("0.8")


def main() -> int:
    """Print the table and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/health-check.sh", description="Show what is wrong with the running stack."
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="each part of the API too")
    verbose = bool(parser.parse_args().verbose)
    with reporting():
        seen = look()
    found = problems(seen)
    rows = list(_rows(seen, found))
    if verbose:
        rows += _details(seen.api.body)
    print(aligned(("part", "state", "details"), rows))
    print(f"{len(found)} problems" if found else "healthy")
    return 1 if found else 0


def look() -> Seen:
    """Ask every part once."""
    ports, user = load(Ports), load(EngineSettings).username
    basic = base64.b64encode(f"{user}:{engine_password()}".encode()).decode()
    with (
        JsonConnection(ports.api_url, f"Bearer {api_token()}") as api,
        JsonConnection(ports.engine_url, f"Basic {basic}") as engine,
        JsonConnection(ports.simulator_url) as simulator,
    ):
        return Seen(
            api=ask(api, "/health/detailed"),
            account=ask(api, "/account"),
            risk=ask(api, "/api/risk/status"),
            simulator=ask(simulator, "/sim/health"),
            triggers=ask(engine, "/api/v1/main/triggers/search?size=500"),
            free_bytes=shutil.disk_usage(load(Paths).under_var()).free,
            free_bytes_limit=_FREE_BYTES,
            near_share=_NEAR_SHARE,
            now=datetime.now(UTC),
        )


def _rows(seen: Seen, found: list[Problem]) -> Iterator[tuple[str, str, str]]:
    """Yield a line for each part, and one more for each problem beyond the first."""
    is_paper = seen.api.body.get("mode") == "paper"
    for part in PARTS:
        mine = [one for one in found if one.part.partition(" ")[0] == part]
        yield from ((one.part, one.level, f"{one.title}: {one.message}") for one in mine)
        if mine or (part == "simulator" and not is_paper):
            continue
        if seen.api.code != 200 and part not in ("engine", "schedules", "disk"):
            yield part, "unknown", "asked through the API"
        elif seen.triggers.code != 200 and part == "schedules":
            yield part, "unknown", "asked through the engine"
        else:
            yield part, "ok", ""


def _details(api: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """Yield what holds entries back, each part of the API and its figures."""
    blocked = api.get("blocked_by")
    for why in blocked if isinstance(blocked, list) else []:
        yield "entries", "blocked", str(why)
    parts = api.get("components")
    for name, part in parts.items() if isinstance(parts, dict) else ():
        if isinstance(part, dict):
            yield f"  {name}", str(part.get("status")), str(part.get("problem") or "")
    figures = api.get("figures")
    for name, value in figures.items() if isinstance(figures, dict) else ():
        yield f"  {name}", f"{value:g}" if isinstance(value, float) else str(value), ""


if __name__ == "__main__":
    sys.exit(main())
