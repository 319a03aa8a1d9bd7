"""Flows that the tests run."""

HELLO = """\
id: hello
namespace: t
inputs: [{id: name, type: STRING, defaults: world}]
tasks:
  - {id: log, type: io.kestra.plugin.core.log.Log, message: "hello {{ inputs.name }}"}
  - {id: ret, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.name }}"}
outputs: [{id: said, type: STRING, value: "{{ outputs.ret.value }}"}]
"""

INPUTS = """\
id: inputs
namespace: t
inputs:
  - {id: symbol, type: SELECT, values: [BTCUSDT, ETHUSDT]}
  - {id: count, type: INT, min: 1, max: 10}
  - {id: risk, type: FLOAT, defaults: 15.0}
  - {id: force, type: BOOL, defaults: false}
  - {id: signal, type: JSON, required: false}
  - {id: file, type: FILE, required: false}
tasks:
  - id: ret
    type: io.kestra.plugin.core.debug.Return
    format: >-
      {{ inputs.symbol }}|{{ inputs.count }}|{{ inputs.risk }}|{{ inputs.signal.a ?? 'no'
      }}|{{ inputs.file is null ? 'no' : read(inputs.file) }}
outputs: [{id: said, type: STRING, value: "{{ outputs.ret.value }}"}]
"""

SLEEPING = """\
id: sleeping
namespace: t
tasks:
  - {id: sleep, type: io.kestra.plugin.core.flow.Sleep, duration: PT60S}
"""

HOOK = """\
id: hook
namespace: t
inputs: [{id: symbol, type: SELECT, values: [BTCUSDT, ETHUSDT]}]
tasks:
  - id: ret
    type: io.kestra.plugin.core.debug.Return
    format: >-
      {{ inputs.symbol }} {{ trigger.body.price ?? 'none' }}
      {{ trigger.parameters.a[0] ?? 'none' }}
outputs: [{id: said, type: STRING, value: "{{ outputs.ret.value }}"}]
triggers:
  - id: plain
    type: io.kestra.plugin.core.trigger.Webhook
    key: "{{ secret('CERBERUS_WEBHOOK_KEY') }}"
    when: "{{ (trigger.body.kind ?? 'signal') == 'signal' }}"
    inputs: {symbol: "{{ trigger.body.symbol }}"}
  - id: waiting
    type: io.kestra.plugin.core.trigger.Webhook
    key: key-of-the-waiting-one
    wait: true
    returnOutputs: true
    inputs: {symbol: "{{ trigger.body.symbol ?? trigger.parameters.symbol[0] }}"}
"""

BELOW = """\
id: below
namespace: t.hook
tasks:
  - id: ret
    type: io.kestra.plugin.core.debug.Return
    format: "{{ trigger.parameters.path[0] ?? 'none' }}"
outputs: [{id: said, type: STRING, value: "{{ outputs.ret.value }}"}]
triggers:
  - {id: any, type: io.cerberus.kestra.PathWebhook, key: key-of-the-path}
  - {id: plain, type: io.kestra.plugin.core.trigger.Webhook, key: key-of-the-plain-one}
"""

SCHEDULED = """\
id: scheduled
namespace: t
tasks: [{id: ret, type: io.kestra.plugin.core.debug.Return, format: "{{ trigger.date ?? 'no' }}"}]
triggers: [{id: hourly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 * * * *"}]
"""


def python_task(flow_id: str, *commands: str, env: str = "{}", more: str = "") -> str:
    """Return a flow with one Python task that runs shell commands."""
    lines = "".join(f"      - |\n        {command}\n" for command in commands)
    return f"""\
id: {flow_id}
namespace: t
tasks:
  - id: work
    type: io.kestra.plugin.scripts.python.Commands
    taskRunner: {{type: io.kestra.plugin.core.runner.Process}}
    env: {env}
    commands:
{lines}{more}"""
