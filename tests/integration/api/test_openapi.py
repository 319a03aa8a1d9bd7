"""The OpenAPI document is true: schemathesis finds no 500 and no answer that it does not tell."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.trading.steps import Pair

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("api")]

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
#: these end the process, or hold everything back that the others are to reach
SWITCHES = "system/(restart|emergency-stop|maintenance)"


@pytest.mark.timeout(900)
def test_schemathesis_finds_no_500_and_no_untold_answer(
    pair: Pair, is_long: bool, tmp_path: Path
) -> None:
    most, others = ("300", "200") if is_long else ("25", "5")
    _run(pair, tmp_path, "--exclude-path-regex", SWITCHES, "-n", "10", "--max-time", most)
    _run(
        pair,
        tmp_path,
        *("--include-path-regex", "system/(emergency-stop|maintenance)"),
        *("-n", others, "--max-time", "10"),
    )
    assert pair.api.is_running
    assert "Traceback" not in pair.api.log.read_text()


def test_the_document_tells_its_security_and_its_problems(pair: Pair) -> None:
    status, told = pair.api.get("/openapi.json", token=None)
    assert (status, told["components"]["securitySchemes"]["HTTPBearer"]["scheme"]) == (
        200,
        "bearer",
    )
    is_open = {"/live", "/ready", "/health", "/health/detailed", "/metrics", "/metrics/prometheus"}
    for path, operations in told["paths"].items():
        for operation in operations.values():
            assert ("security" in operation) == (path not in is_open)
            if path not in is_open:
                problem = operation["responses"]["401"]["content"]["application/problem+json"]
                assert problem["schema"]["$ref"].endswith("/Problem")
            assert operation["description"]
    status, page = pair.api.get("/docs", token=None)
    assert (status, "openapi.json" in page) == (200, True)


def test_no_answer_holds_a_secret(pair: Pair) -> None:
    trade = pair.enter(quantity="0.05")
    paths = [path for path in pair.api.get("/openapi.json")[1]["paths"] if "{" not in path]
    paths += [f"/api/trades/{trade['trade_id']}", "/order/BTC_USDT/1", "/nothing"]
    answers = [json.dumps(pair.api.get(path)[1]) for path in paths]
    answers += [pair.api.log.read_text(), json.dumps(pair.api.post("/api/trades", {})[1])]
    secrets = [path.read_text().strip() for path in (pair.api.var / "secrets").iterdir()]
    assert len(secrets) >= 4
    for secret in secrets:
        assert not any(secret in answer for answer in answers)


def _run(pair: Pair, folder: Path, *options: str) -> None:
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run"),
        f"{pair.api.url}/openapi.json",
        *("-H", f"Authorization: Bearer {pair.api.token()}"),
        *("--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"),
        *("--suppress-health-check", "all", "--generation-deterministic", "--no-color"),
        *("--continue-on-failure", *options),
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:]
