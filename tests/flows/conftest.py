"""One stack for the flow tests: simulator, API and engine on free ports, with the real flows."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api_process import api_process
from tests.engine_process import engine_process
from tests.flows.few_answers import Alone, few_answers, phone
from tests.flows.pipeline import Stack
from tests.integration.alerts.vendors import vendor
from tests.simulator_process import simulator_process
from tests.whole_stack import silence_schedules

FLOWS = Path(__file__).resolve().parents[2] / "flows"


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Started once; each test leaves it flat and running."""
    var = tmp_path_factory.mktemp("stack") / "var"
    # losses in a row would end the tests' trading, and they lose by design: they close at once
    limits = {
        "CERBERUS_RISK_MAX_LOSSES_IN_A_ROW": "1000",
        "CERBERUS_RISK_MAX_DAILY_LOSS_USD": "5000",
    }
    # the strategies' signal lasts some minutes of market time, the tests must not outlive it
    with (
        simulator_process(var, speed="0.02") as simulator,
        api_process(simulator, **limits) as api,
        vendor("telegram") as telegram,
    ):
        environment = {
            name: api.environment[name]
            for name in ("CERBERUS_API_PORT", "CERBERUS_SIMULATOR_PORT", "CERBERUS_ENGINE_PORT")
        }
        # the API keeps the shipped rules, whose channels have no secrets here
        environment |= phone(var, telegram)
        with engine_process(var, flows=FLOWS, environment=environment) as engine:
            silence_schedules(engine)
            yield Stack(simulator, api, engine, telegram)


@pytest.fixture
def flat(stack: Stack) -> Iterator[Stack]:
    """The stack without open positions, before and after."""
    stack.close_all()
    yield stack
    stack.close_all()


@pytest.fixture(scope="package")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    """An engine with the real flows, retries and waits shortened, before a few answers."""
    flows = tmp_path_factory.mktemp("flows")
    for file in FLOWS.glob("*/*.yaml"):
        target = flows / file.relative_to(FLOWS)
        target.parent.mkdir(exist_ok=True)
        text = re.sub(r"interval: PT\d+S", "interval: PT0.5S", file.read_text())
        text = text.replace("duration: PT10S", "duration: PT0.1S")
        text = text.replace("maxAttempts: 12", "maxAttempts: 3")
        target.write_text(text.replace("maxDuration: PT30S", "maxDuration: PT3S"))
    with few_answers() as api, vendor("telegram") as api.telegram:
        var = tmp_path_factory.mktemp("alone") / "var"
        environment = {"CERBERUS_API_PORT": str(api.server_port)} | phone(var, api.telegram)
        with engine_process(var, flows=flows, environment=environment) as engine:
            silence_schedules(engine)
            yield engine, api
