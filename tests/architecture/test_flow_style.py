"""The flows keep the house style, and each rule catches what it is for."""

import textwrap
from pathlib import Path

import pytest

from tests.architecture.flow_style import check_flow

FLOWS = Path(__file__).resolve().parents[2] / "flows"
PATH = "trading/cerberus-sample.yaml"
GOOD = textwrap.dedent(
    """\
    id: cerberus-sample
    namespace: cerberus.trading
    description: Fetch one number and log it.
    labels: {area: trading}
    inputs:
      - id: risk_usd
        type: FLOAT
        defaults: 15.0
        description: Most to lose on this trade.
    tasks:
      - id: fetch_number
        type: io.kestra.plugin.core.http.Request
        description: Read the number; no side effect.
        uri: "{{ globals.api_url }}/number"
        headers:
          Authorization: "Bearer {{ secret('CERBERUS_API_TOKEN') }}"
          Idempotency-Key: "{{ execution.id }}-fetch_number"
        timeout: PT5S
      - id: when_large
        type: io.kestra.plugin.core.flow.If
        description: Log only a large number.
        condition: "{{ outputs.fetch_number.body > 1 }}"
        then:
          - id: log_number
            type: io.kestra.plugin.core.log.Log
            description: Write the number to the log.
            message: large
    errors:
      - id: notify_failure
        type: io.kestra.plugin.core.flow.Subflow
        description: Tell a person.
        namespace: cerberus.shared
        flowId: notify
        wait: true
        transmitFailed: true
    triggers:
      - id: by_webhook
        type: io.kestra.plugin.core.trigger.Webhook
        key: "{{ secret('CERBERUS_WEBHOOK_KEY') }}"
    """
)


def test_every_flow_keeps_the_house_style() -> None:
    found = [
        f"flows/{path.relative_to(FLOWS)}: {message}"
        for path in sorted([*FLOWS.rglob("*.yaml"), *FLOWS.rglob("*.yml")])
        for message in check_flow(path.relative_to(FLOWS).as_posix(), path.read_text())
    ]
    assert not found, "\n" + "\n".join(found)


def test_a_flow_in_house_style_passes() -> None:
    assert list(check_flow(PATH, GOOD)) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("id: cerberus-sample", "id: cerberus-other", "differs from the file name"),
        ("cerberus.trading", "cerberus.monitoring", "which the folder says"),
        ("description: Fetch one number and log it.\n", "", "description is missing"),
        ("labels: {area: trading}\n", "", "labels is missing"),
        ("labels:", "pluginDefaults: []\nlabels:", "does not exist in Kestra 2.0"),
        ("labels:", "concurrency: {limit: 1}\nlabels:", "only the trading pipeline may"),
        ("id: risk_usd", "id: risk-usd", "input risk-usd is not snake_case"),
        ("    description: Most to lose on this trade.\n", "", "input risk_usd has no description"),
        ("id: fetch_number", "id: fetch-number", "task fetch-number is not snake_case"),
        ("id: log_number", "id: logNumber", "task logNumber is not snake_case"),
        ("        description: Write the number to the log.\n", "", "log_number has no descr"),
        ("    timeout: PT5S\n", "", "task fetch_number calls out and has no timeout"),
        ("Bearer {{ secret('CERBERUS_API_TOKEN') }}", "Bearer abc", "holds a secret in clear"),
        ("{{ secret('CERBERUS_WEBHOOK_KEY') }}", "hook-1", "key holds a secret in clear"),
        ("message: large", "message: kQ8zR2mV5xW1cT7yB4nL9pS3dF6gH0jK", "secret in clear"),
        ("API_TOKEN')", "API_TOKEN') | upper", "filters a secret"),
        ("id: by_webhook", "id: by-webhook", "trigger by-webhook is not snake_case"),
        ("    transmitFailed: true\n", "", "errors do not call the notify subflow"),
        ("flowId: notify", "flowId: other", "errors do not call the notify subflow"),
        ("triggers:", "id: [", "is not YAML"),
    ],
)
def test_a_rule_catches_a_violation(old: str, new: str, message: str) -> None:
    assert old in GOOD

    found = list(check_flow(PATH, GOOD.replace(old, new)))

    assert any(message in violation for violation in found), found


@pytest.mark.parametrize(
    ("variables", "message", "is_caught"),
    [
        ("{x: '{{ outputs.fetch_number.body }}'}", "{{ render(vars.x) }}", True),
        ("{x: '{{ outputs.fetch_number.body }}'}", "{{ render(vars.x, recursive=false) }}", False),
        ("{x: '{{ outputs.fetch_number.code }}'}", "{{ render(vars.x) }}", False),
        ("{x: '{{ item.value }}', y: 'a {{ render(vars.x) }}'}", "{{ render(vars.y) }}", True),
        ("{x: '{{ trigger.body.note }}'}", "{{ 'a' ~ render( vars.x ) }}", True),
        ("{x: '{{ inputs.note }}'}", "{{ render(vars.x) }}", True),
        ("{x: '{{ inputs.risk_usd }}'}", "{{ render(vars.x) }}", False),
        ("{has_x: '{{ inputs.note is null }}'}", "{{ render(vars.has_x) }}", False),
    ],
)
def test_text_from_outside_is_not_rendered_again(
    variables: str, message: str, is_caught: bool
) -> None:
    note = "inputs:\n  - {id: note, type: STRING, description: Any words.}\n"
    text = GOOD.replace("inputs:\n", note).replace("tasks:", f"variables: {variables}\ntasks:", 1)

    found = list(check_flow(PATH, text.replace("message: large", f'message: "{message}"')))

    assert any("has text from outside; add recursive=false" in one for one in found) is is_caught


def test_the_order_of_blocks_is_checked() -> None:
    head, tail = GOOD.split("tasks:\n", 1)
    reordered = "tasks:\n" + tail.replace("errors:", head + "errors:", 1)

    assert any("blocks are in the order" in message for message in check_flow(PATH, reordered))


def test_an_id_that_is_not_kebab_case_is_caught() -> None:
    text = GOOD.replace("id: cerberus-sample", "id: cerberus_sample")

    assert "id cerberus_sample is not kebab-case" in check_flow(
        "trading/cerberus_sample.yaml", text
    )


def test_tasks_of_a_dag_and_of_switch_cases_are_checked() -> None:
    nested = textwrap.dedent(
        """\
        tasks:
          - id: choose
            type: io.kestra.plugin.core.flow.Switch
            description: Choose.
            cases:
              A: [{id: bad-case, type: x, description: y}]
          - id: graph
            type: io.kestra.plugin.core.flow.Dag
            description: Graph.
            tasks: [{task: {id: bad-node, type: x, description: y}}]
        """
    )
    found = list(check_flow(PATH, GOOD.split("tasks:\n", 1)[0] + nested))

    assert "task bad-case is not snake_case" in found
    assert "task bad-node is not snake_case" in found


def test_a_file_that_is_no_mapping_is_caught() -> None:
    assert list(check_flow(PATH, "- a\n")) == ["is not a mapping"]
