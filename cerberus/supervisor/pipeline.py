"""Run the trading pipeline once through Kestra's own API, and read from the API what came of it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cerberus.client.http import Json, JsonConnection
from cerberus.client.kestra import Execution, KestraClient
from cerberus.commands.connections import api_token, kestra_client
from cerberus.errors import Transient
from cerberus.settings import Ports, load

NAMESPACE, FLOW = "cerberus.trading", "cerberus-trading-pipeline"
GOOD_STATES = {"SUCCESS", "WARNING"}
RUN_SECONDS = 120.0
POLL_SECONDS = 0.3

Record = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of the pipeline, how long it took, and why it failed where it did."""

    execution_id: str
    state: str
    started_at: datetime
    seconds: float
    errors: list[str] = field(default_factory=list)

    @property
    def ended_well(self) -> bool:
        """Whether the flow says that it did its work."""
        return self.state in GOOD_STATES


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the API holds of one signal of a run; the trade is empty where it was refused."""

    signal: Record
    trade: Record
    exits: list[Record]


def run_pipeline() -> Run:
    """Start the pipeline, wait for its end and return how it ended.

    Raises
    ------
    CerberusError
        The engine refused or is away, or the execution took too long.
    """
    started, started_at = time.monotonic(), datetime.now(UTC)
    with kestra_client() as kestra:
        execution = kestra.run(NAMESPACE, FLOW, {})
        while not execution.has_ended:
            if time.monotonic() - started > RUN_SECONDS:
                raise Transient(f"execution {execution.id} runs longer than {RUN_SECONDS:.0f} s")
            time.sleep(POLL_SECONDS)
            execution = kestra.execution(execution.id)
        seconds = time.monotonic() - started
        errors = [] if execution.state in GOOD_STATES else _errors(kestra, execution)
    return Run(execution.id, execution.state, started_at, seconds, errors)


def read_outcomes(run: Run) -> list[Outcome]:
    """Return the signals that came in during the run, with their trades and exits."""
    with JsonConnection(load(Ports).api_url, f"Bearer {api_token()}") as api:
        signals, trades, exits = (_page(api, name) for name in ("signals", "trades", "exits"))
    by_signal = {trade["signal_id"]: trade for trade in trades}
    outcomes = []
    for signal in sorted(signals, key=_received_at):
        if _received_at(signal) >= run.started_at:
            trade = by_signal.get(signal["signal_id"], {})
            own = [item for item in exits if trade and item["trade_id"] == trade["trade_id"]]
            outcomes.append(Outcome(signal, trade, sorted(own, key=lambda item: str(item["kind"]))))
    return outcomes


def _errors(kestra: KestraClient, execution: Execution) -> list[str]:
    lines = [line for line in kestra.logs(execution.id) if line.level == "ERROR"]
    # a retried task says the same each time
    return list(dict.fromkeys(f"{line.task}: {line.message}" for line in lines))


def _page(api: JsonConnection, name: str) -> list[Record]:
    answer = api.call("GET", f"/api/{name}")
    listed = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(listed, list):
        raise Transient(f"the answer of /api/{name} holds no list of {name}")
    return [item for item in listed if isinstance(item, dict)]


def _received_at(signal: Record) -> datetime:
    return datetime.fromisoformat(str(signal["received_at"]))
