"""`scripts/smoke_test.sh`: the running stack does what it is there for; nothing is traded."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from cerberus.client.api import CerberusClient
from cerberus.client.errors import ApiProblem
from cerberus.client.http import JsonConnection
from cerberus.client.kestra import KestraClient
from cerberus.client.tables import aligned
from cerberus.commands.connections import api_client, api_token, kestra_client
from cerberus.commands.process_edge import reporting
from cerberus.errors import CerberusError, Transient
from cerberus.settings import Paths, Ports, TradingSettings, load

MONITORING = ("cerberus.monitoring", "cerberus-monitoring")
_POLL_SECONDS = 0.2
_PATIENCE_SECONDS = 120.0

Step = tuple[str, Callable[[], str]]


def main() -> int:
    """Take every step, print what came of it and return the exit code."""
    rows, failed = [], 0
    with reporting(), api_client(30.0) as api, kestra_client() as kestra:
        for name, act in steps(api, kestra):
            began = time.monotonic()
            try:
                outcome, detail = "passed", act()
            except CerberusError as error:
                outcome, detail, failed = "FAILED", str(error), failed + 1
            rows.append((name, outcome, f"{time.monotonic() - began:.2f} s", detail))
    print(aligned(("step", "outcome", "time", "details"), rows))
    print(f"{len(rows) - failed} passed, {failed} failed")
    return 1 if failed else 0


def steps(api: CerberusClient, kestra: KestraClient) -> Iterator[Step]:
    """Yield every step in the order of a trade."""
    ports, symbol = load(Ports), load(TradingSettings).symbols.split(",")[0].strip()
    token = api_token()
    yield "the API is healthy", lambda: _healthy(api)
    yield "the API refuses a stranger", lambda: _refused(ports.api_url, "/api/trades")
    yield "the exchange tells a price", lambda: _read(ports.api_url, token, symbol)
    yield "strategies judge the market", lambda: f"{len(api.evaluate()['signals'])} signals"
    yield "a wrong signal is refused", lambda: _wrong_signal(api, symbol)
    yield (
        "the engine refuses a stranger",
        lambda: _refused(ports.engine_url, "/api/v1/main/flows/search"),
    )
    yield "every flow is there", lambda: _flows(kestra)
    yield "a flow runs to its end", lambda: _run(kestra)


def _healthy(api: CerberusClient) -> str:
    health = api.health()
    if health["status"] != "healthy":
        raise Transient(f"it is {health['status']}: {'; '.join(health['blocked_by'])}")
    return f"{health['mode']} mode, version {health['version']}"


def _refused(url: str, path: str) -> str:
    try:
        with JsonConnection(url) as stranger:
            stranger.call("GET", path)
    except ApiProblem as problem:
        if problem.status == 401:
            return "401"
        raise
    raise Transient(f"{path} was answered without credentials")


def _read(url: str, token: str, symbol: str) -> str:
    with JsonConnection(url, f"Bearer {token}") as connection:
        found = connection.call("GET", f"/price/{symbol.replace('/', '_')}")
    return str(found)[:80]


def _wrong_signal(api: CerberusClient, symbol: str) -> str:
    try:
        api.validate({"symbol": symbol, "side": "buy", "quantity": "-1"})
    except ApiProblem as problem:
        if problem.status == 422 and "quantity" in {one.field for one in problem.fields}:
            return "422, quantity"
        raise
    raise Transient("a quantity of -1 was not refused")


def _flows(kestra: KestraClient) -> str:
    files = sorted(Path(load(Paths).root, "flows").glob("*/*.yaml"))
    missing = [file.stem for file in files if kestra.find_flow(file.stem) is None]
    if missing or not files:
        raise Transient(f"not there: {', '.join(missing) or 'any'}")
    return f"{len(files)} flows"


def _run(kestra: KestraClient) -> str:
    limit = time.monotonic() + _PATIENCE_SECONDS
    execution = kestra.run(*MONITORING, {})
    while not execution.has_ended:
        if time.monotonic() > limit:
            raise Transient(f"{execution.id} is still {execution.state}")
        time.sleep(_POLL_SECONDS)
        execution = kestra.execution(execution.id)
    if execution.state not in ("SUCCESS", "WARNING"):
        raise Transient(f"{execution.id} ended as {execution.state}")
    return f"{execution.flow} {execution.state}"


if __name__ == "__main__":
    sys.exit(main())
