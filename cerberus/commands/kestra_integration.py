"""`scripts/test-kestra-integration.sh`: engine, flows, webhooks and alerts work together."""

import json
import re
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from cerberus import secret_files
from cerberus.client.api import CerberusClient
from cerberus.client.errors import ApiProblem
from cerberus.client.http import JsonConnection
from cerberus.client.kestra import Execution, KestraClient
from cerberus.commands.connections import api_client, engine_url, kestra_client, webhook_key
from cerberus.commands.flow_plans import ACTING, Plan, plans, refused_signal
from cerberus.commands.process_edge import reporting
from cerberus.domain.webhooks.credentials import sign
from cerberus.errors import CerberusError, NotFound, Transient
from cerberus.settings import Paths, Ports, load

PIPELINE = "cerberus.trading/cerberus-trading-pipeline"
_POLL_SECONDS = 0.2
_PATIENCE_SECONDS = 180.0
_FIELD = re.compile(r"^(id|namespace):\s*(\S+)\s*$", re.MULTILINE)


class Step(NamedTuple):
    """One thing that has to work."""

    part: str
    name: str
    act: Callable[[], str]


def main() -> int:
    """Take every step, print each as it ends and return the exit code."""
    passed, failed = 0, 0
    with reporting(), api_client(60.0) as api, kestra_client() as kestra:
        print(f"engine {engine_url()}, API {load(Ports).api_url}")
        for step in Integration(api, kestra).steps():
            began = time.monotonic()
            try:
                detail, is_passed = step.act(), True
            except CerberusError as error:
                detail, is_passed = str(error), False
            passed, failed = passed + is_passed, failed + (not is_passed)
            outcome = "passed" if is_passed else "FAILED"
            seconds = f"{time.monotonic() - began:6.2f} s"
            print(f"{outcome}  {seconds}  {step.part:12} {step.name}: {detail}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


@dataclass(slots=True)
class Integration:
    """The steps, on one API and one engine."""

    api: CerberusClient
    kestra: KestraClient
    mark: str = field(default_factory=lambda: f"it-{secrets.token_hex(6)}")

    def steps(self) -> Iterator[Step]:
        """Yield every step in its order."""
        flows = dict(sorted(_flows_of(load(Paths).root / "flows")))
        yield Step("connectivity", "the API answers", self._api_answers)
        yield Step(
            "connectivity", "the engine answers", partial(self._present, *PIPELINE.split("/"))
        )
        yield Step("connectivity", "the engine refuses a stranger", self._stranger)
        for flow_id, namespace in flows.items():
            yield Step("flow there", flow_id, partial(self._present, namespace, flow_id))
        prepared = plans(self.mark)
        for flow_id, namespace in flows.items():
            is_known = flow_id in prepared or namespace not in ACTING
            for plan in prepared.get(flow_id, [Plan({})]):
                act = partial(self._run, namespace, flow_id, plan, is_known=is_known)
                yield Step("flow by hand", flow_id, act)
        yield Step("webhook", "the engine's, with its key", self._engine_webhook)
        yield Step("webhook", "the engine's, with a wrong key", self._wrong_key)
        yield Step("webhook", "the API's, a trading signal", self._api_signal)
        yield Step("webhook", "the API's, an external alert", self._api_alert)
        yield Step("webhook", "the API's, a wrong signature", self._wrong_signature)
        yield Step("alert", "one is raised, routed and resolved", self._alert)
        yield Step("metrics", "the API gives its figures", self._metrics)

    def _api_answers(self) -> str:
        health = self.api.health()
        return f"{health['status']}, {health['mode']} mode, version {health['version']}"

    def _stranger(self) -> str:
        with JsonConnection(engine_url()) as stranger:
            return _refused(lambda: stranger.call("GET", "/api/v1/main/flows/search"), 401)

    def _present(self, namespace: str, flow_id: str) -> str:
        found = self.kestra.find_flow(flow_id)
        if found != namespace:
            raise NotFound(f"it is in {found}, not in {namespace}" if found else "it is not there")
        return namespace

    def _run(self, namespace: str, flow_id: str, plan: Plan, *, is_known: bool) -> str:
        if not is_known:
            raise NotFound("cerberus/commands/flow_plans.py does not say how to run it safely")
        ended = self._ended(self.kestra.run(namespace, flow_id, plan.inputs))
        told = f" ({plan.held_back})" if plan.held_back else ""
        shown = " ".join(f"{name}={value}" for name, value in plan.inputs.items())
        return f"{ended}{told} {shown if len(shown) < 60 else ''}".rstrip()

    def _engine_webhook(self) -> str:
        told = self._call_engine(webhook_key())
        return self._ended(self.kestra.execution(str(told["id"])))

    def _wrong_key(self) -> str:
        return _refused(lambda: self._call_engine("wrong"), 404)

    def _call_engine(self, key: str) -> Mapping[str, object]:
        path = f"/api/v1/main/executions/webhook/{PIPELINE}/{key}"
        with JsonConnection(engine_url()) as outside:
            told = outside.call("POST", path, refused_signal(f"{self.mark}-engine"))
        return told if isinstance(told, dict) else {}

    def _api_signal(self) -> str:
        return self._through("cerberus-trading-signal", refused_signal(f"{self.mark}-api"))

    def _api_alert(self) -> str:
        alert = {"title": f"integration test {self.mark}", "level": "INFO", "about": self.mark}
        self._through("cerberus-external-alert", alert)
        return self._through("cerberus-external-alert", alert | {"resolved": True})

    def _wrong_signature(self) -> str:
        body = {"title": "nobody may say this"}
        return _refused(lambda: _signed_call("cerberus-external-alert", body, "wrong"), 401)

    def _through(self, name: str, body: Mapping[str, object]) -> str:
        key = secret_files.read(load(Paths).under_var("secrets"), "webhook_signing_key")
        told = _signed_call(name, body, key)
        return self._ended(self.kestra.execution(str(told["execution_id"])))

    def _alert(self) -> str:
        alert_id = f"{self.mark}-alert"
        told = {"id": alert_id, "level": "INFO", "title": f"integration test {self.mark}"}
        self.api.raise_alert(told | {"source": "scripts/test-kestra-integration.sh"})
        limit = time.monotonic() + _PATIENCE_SECONDS
        while not (channels := self.api.alert_channels(alert_id)):
            if time.monotonic() > limit:
                raise Transient("no channel was chosen for it")
            time.sleep(_POLL_SECONDS)
        # what was raised here and by the flows is over
        for one in self.api.live_alerts():
            if self.mark in str(one["title"]) or self.mark in str(one["message"]):
                self.api.resolve_alert(str(one["alert_id"]), "the test is over")
        return ", ".join(channels)

    def _metrics(self) -> str:
        found = self.api.metrics()
        ours = [name for name in found if name.startswith("cerberus_")]
        if not ours:
            raise NotFound("none of them is ours")
        return f"{len(ours)} names"

    def _ended(self, execution: Execution) -> str:
        limit = time.monotonic() + _PATIENCE_SECONDS
        while not execution.has_ended:
            if time.monotonic() > limit:
                raise Transient(f"{execution.id} is still {execution.state}")
            time.sleep(_POLL_SECONDS)
            execution = self.kestra.execution(execution.id)
        if execution.state not in ("SUCCESS", "WARNING"):
            raise Transient(f"{execution.id} ended as {execution.state}")
        return f"{execution.state} {execution.id}"


def _flows_of(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield id and namespace of each flow file."""
    for file in sorted(folder.glob("*/*.yaml")):
        told = dict(_FIELD.findall(file.read_text()))
        yield told["id"], told["namespace"]


def _signed_call(name: str, body: object, key: str) -> Mapping[str, object]:
    content = json.dumps(body).encode()
    timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
    headers = {
        "Content-Type": "application/json",
        "X-Cerberus-Timestamp": timestamp,
        "X-Cerberus-Nonce": nonce,
        "X-Cerberus-Signature": sign(key, timestamp, nonce, content),
    }
    with JsonConnection(load(Ports).api_url) as outside:
        told = outside.call("POST", f"/webhook/{name}", content, headers=headers)
    return told if isinstance(told, dict) else {}


def _refused(call: Callable[[], object], status: int) -> str:
    try:
        call()
    except ApiProblem as problem:
        if problem.status == status:
            return str(status)
        raise
    raise Transient(f"it was answered, {status} is expected")


if __name__ == "__main__":
    sys.exit(main())
