"""The running stack as the tests of the pipeline use it."""

import json
import time
from dataclasses import dataclass
from typing import Any, TypeAlias

from tests.api_process import ApiProcess
from tests.engine_process import EngineProcess
from tests.integration.alerts.vendors import Vendor
from tests.simulator_process import SimulatorProcess

PIPELINE = "cerberus.trading/cerberus-trading-pipeline"
Shown: TypeAlias = dict[str, Any]


@dataclass
class Stack:
    """Simulator, API and engine."""

    simulator: SimulatorProcess
    api: ApiProcess
    engine: EngineProcess
    #: what people get past a dead API
    telegram: Vendor

    def run(self, **inputs: object) -> Shown:
        """Run the pipeline by hand to its end; inputs that are not texts are sent as JSON."""
        told = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in inputs.items()
        }
        return self.engine.run(PIPELINE, **told)

    def send(self, body: object, **headers: str) -> str:
        """Send a signal to the webhook and return the execution's id."""
        answer = self.engine.session.post(
            self.engine.webhook(PIPELINE), json=body, headers=headers, timeout=30
        )
        assert answer.ok, answer.text
        return str(answer.json()["id"])

    def send_and_wait(self, body: object, **headers: str) -> Shown:
        id_ = self.send(body, **headers)
        self.engine.wait_for_state(id_, "SUCCESS", "FAILED", "WARNING", seconds=60)
        return self.engine.execution(id_)

    def report(self, execution: Shown) -> list[str]:
        """Return the lines of the report's table without its heading."""
        messages = self.engine.messages(execution["id"], containing="outcome")
        table = next(text for text in messages if text.startswith("\nsymbol "))
        return table.splitlines()[2:]

    def trades(self) -> list[Shown]:
        trades: list[Shown] = self.api.get("/api/trades?limit=200")[1]["trades"]
        return trades

    def trades_of(self, execution: Shown) -> list[Shown]:
        """Return the trades that the execution gave as its output."""
        ids = self.engine.outputs(execution["id"])["trade_ids"]
        return [self.api.get(f"/api/trades/{id_}")[1] for id_ in ids]

    def close_all(self) -> None:
        limit = time.monotonic() + 20
        while held := self.api.get("/api/positions?open_only=true")[1]["positions"]:
            for position in held:
                self.api.post(f"/api/positions/{position['position_id']}/close", {})
            assert time.monotonic() < limit, f"still open: {held}"
            time.sleep(0.05)

    def tasks(self, execution: Shown) -> dict[str, str]:
        """Return the state of each top-level task."""
        return {run["taskId"]: run["state"]["current"] for run in execution["taskRunList"]}


def signal(symbol: str = "ETH/USDT:USDT", side: str = "buy", **more: object) -> Shown:
    """Return a signal with a stop that the default risk allows."""
    return {
        "symbol": symbol,
        "side": side,
        "strategy": "flow-test",
        "stop_loss_percent": "1",
        "take_profit_percent": "2",
        **more,
    }
