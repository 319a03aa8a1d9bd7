"""One small flow for each core type that makes sense offline, and why the others have none."""

from typing import NamedTuple

CORE = "io.kestra.plugin.core."
SPACE = "t.types"


class Case(NamedTuple):
    """Tasks, an expression over what they left, and what it is to be; `{server}` is a URL."""

    tasks: str
    said: str
    expected: str
    state: str = "SUCCESS"

    @property
    def outcome(self) -> tuple[str, str]:
        """How its flow ends, and what it leaves."""
        return self.state, self.expected


_FILE = '- {id: file, type: storage.Write, content: "b\\na\\nb\\n"}\n'
_ITEMS = """\
- id: file
  type: storage.Write
  content: |
    {"k": "x", "n": 1}
    {"k": "y", "n": 2}
    {"k": "x", "n": 3}
"""
_SET = "- {id: set, type: kv.Set, key: key-of-KIND, value: one}\n"
_UPLOAD = (
    "- {id: file, type: storage.Write, content: text}\n"
    "- {id: up, type: namespace.UploadFiles, namespace: t.types, filesMap: "
    "{KIND.txt: '{{ outputs.file.uri }}'}}\n"
)
_DOWNLOAD = "- {id: got, type: namespace.DownloadFiles, namespace: t.types, files: [KIND.txt]}\n"
_YESTERDAY = "\"{{ now() | dateAdd(-1, 'DAYS') }}\""

CASES: dict[str, Case] = {
    "debug.Return": Case(
        "- {id: it, type: debug.Return, format: '{{ 1 + 1 }}'}", "outputs.it.value", "2"
    ),
    "execution.Assert": Case(
        "- {id: it, type: execution.Assert, conditions: ['{{ 1 == 1 }}']}", "'passed'", "passed"
    ),
    "execution.Exit": Case(
        "- {id: it, type: execution.Exit, state: WARNING}\n- {id: never, type: execution.Fail}",
        "",
        "",
        "WARNING",
    ),
    "execution.Fail": Case(
        "- {id: it, type: execution.Fail, errorMessage: wanted}", "", "", "FAILED"
    ),
    "execution.Labels": Case(
        "- {id: it, type: execution.Labels, labels: {colour: blue}}", "labels.colour", "blue"
    ),
    "execution.SetVariables": Case(
        "- {id: it, type: execution.SetVariables, variables: {name: two}}", "vars.name", "two"
    ),
    "execution.UnsetVariables": Case(
        "- {id: it, type: execution.UnsetVariables, variables: [name]}",
        "vars.name ?? 'gone'",
        "gone",
    ),
    "execution.PurgeExecutions": Case(
        f"- {{id: it, type: execution.PurgeExecutions, namespace: t.none, endDate: {_YESTERDAY}}}",
        "outputs.it.executionsCount",
        "0",
    ),
    "flow.AllowFailure": Case(
        "- id: it\n  type: flow.AllowFailure\n  tasks:\n"
        "    - {id: fail, type: execution.Fail}\n"
        "- {id: after, type: debug.Return, format: after}",
        "outputs.after.value",
        "after",
        "WARNING",
    ),
    "flow.Dag": Case(
        "- id: it\n  type: flow.Dag\n  tasks:\n"
        "    - task: {id: second, type: debug.Return, format: '{{ outputs.first.value }}2'}\n"
        "      dependsOn: [first]\n"
        "    - task: {id: first, type: debug.Return, format: '1'}",
        "outputs.second.value",
        "12",
    ),
    "flow.If": Case(
        "- id: it\n  type: flow.If\n  condition: '{{ 1 > 2 }}'\n"
        "  then: [{id: one, type: debug.Return, format: x}]\n"
        "  else: [{id: two, type: debug.Return, format: otherwise}]",
        "outputs.two.value",
        "otherwise",
    ),
    "flow.Loop": Case(
        "- id: it\n  type: flow.Loop\n  values: [a, b]\n"
        "  outputs: [{id: made, type: STRING, value: '{{ outputs.made.value }}'}]\n"
        "  tasks: [{id: made, type: debug.Return, format: '{{ item.value }}{{ item.index }}'}]",
        "outputs.it.outputs | jq('.[].outputs.made') | join('')",
        "a0b1",
    ),
    "flow.LoopUntil": Case(
        "- id: it\n  type: flow.LoopUntil\n  condition: \"{{ outputs.count.value == '2' }}\"\n"
        "  checkFrequency: {interval: PT0.1S, maxIterations: 20}\n"
        "  tasks: [{id: count, type: debug.Return, format: '{{ outputs.it.iterationCount }}'}]",
        "outputs.count.value",
        "2",
    ),
    "flow.Parallel": Case(
        "- id: it\n  type: flow.Parallel\n  tasks:\n"
        "    - {id: one, type: debug.Return, format: a}\n"
        "    - {id: two, type: debug.Return, format: b}",
        "outputs.one.value ~ outputs.two.value",
        "ab",
    ),
    "flow.Pause": Case(
        "- {id: it, type: flow.Pause, pauseDuration: PT0.2S}\n"
        "- {id: after, type: debug.Return, format: resumed}",
        "outputs.after.value",
        "resumed",
    ),
    "flow.PurgeFlows": Case(
        "- {id: it, type: flow.PurgeFlows, namespace: t.none, behavior: {keepAmount: 1}}",
        "'purged'",
        "purged",
    ),
    "flow.Sequential": Case(
        "- id: it\n  type: flow.Sequential\n  tasks:\n"
        "    - {id: one, type: debug.Return, format: a}\n"
        "    - {id: two, type: debug.Return, format: '{{ outputs.one.value }}b'}",
        "outputs.two.value",
        "ab",
    ),
    "flow.Sleep": Case("- {id: it, type: flow.Sleep, duration: PT0.1S}", "'woken'", "woken"),
    "flow.Subflow": Case(
        "- {id: it, type: flow.Subflow, namespace: t.types, flowId: debug-return, wait: true}",
        "outputs.it.outputs.said",
        "2",
    ),
    "flow.Switch": Case(
        "- id: it\n  type: flow.Switch\n  value: b\n  cases:\n"
        "    a: [{id: one, type: debug.Return, format: x}]\n"
        "    b: [{id: two, type: debug.Return, format: second}]",
        "outputs.two.value",
        "second",
    ),
    "flow.WorkingDirectory": Case(
        "- id: it\n  type: flow.WorkingDirectory\n  tasks:\n"
        "    - id: put\n      type: io.kestra.plugin.scripts.python.Commands\n"
        "      taskRunner: {type: runner.Process}\n      commands: ['echo kept > a.txt']\n"
        "    - id: got\n      type: io.kestra.plugin.scripts.python.Commands\n"
        "      taskRunner: {type: runner.Process}\n      outputFiles: [a.txt]\n"
        "      commands: ['cat a.txt']",
        "read(outputs.got.outputFiles['a.txt']) | trim",
        "kept",
    ),
    "http.Download": Case(
        "- {id: it, type: http.Download, uri: '{server}/text'}", "read(outputs.it.uri)", "served"
    ),
    "http.Request": Case(
        "- {id: it, type: http.Request, uri: '{server}/text'}", "outputs.it.body", "served"
    ),
    "http.SseRequest": Case(
        "- {id: it, type: http.SseRequest, uri: '{server}/events'}", "outputs.it.size", "2"
    ),
    "kv.Delete": Case(
        f"{_SET}- {{id: it, type: kv.Delete, key: key-of-KIND}}", "outputs.it.deleted", "true"
    ),
    "kv.Get": Case(
        f"{_SET}- {{id: it, type: kv.Get, key: key-of-KIND}}", "outputs.it.value", "one"
    ),
    "kv.GetKeys": Case(
        f"{_SET}- {{id: it, type: kv.GetKeys, prefix: key-of-KIND}}",
        "outputs.it.keys[0]",
        "key-of-kv-getkeys",
    ),
    "kv.PurgeKV": Case(
        f"{_SET}- {{id: it, type: kv.PurgeKV, namespaces: [t.types], keyPattern: key-of-KIND, "
        "behavior: {type: key, expiredOnly: false}}",
        "outputs.it.size",
        "1",
    ),
    "kv.Put": Case(
        f"{_SET}- {{id: it, type: kv.Put, key: key-of-KIND, value: two}}\n"
        "- {id: got, type: kv.Get, key: key-of-KIND}",
        "outputs.got.value",
        "two",
    ),
    "kv.Set": Case(_SET, "kv('key-of-kv-set')", "one"),
    "log.Log": Case("- {id: it, type: log.Log, message: [one, two]}", "'logged'", "logged"),
    "log.PurgeLogs": Case(
        f"- {{id: it, type: log.PurgeLogs, namespace: t.none, endDate: {_YESTERDAY}}}",
        "outputs.it.count",
        "0",
    ),
    "metric.Publish": Case(
        "- {id: it, type: metric.Publish, metrics: [{type: counter, name: n, value: 42}]}",
        "'published'",
        "published",
    ),
    "namespace.DeleteFiles": Case(
        f"{_UPLOAD}- {{id: it, type: namespace.DeleteFiles, namespace: t.types, "
        f"files: [KIND.txt]}}\n{_DOWNLOAD}",
        "outputs.got.files | length",
        "0",
    ),
    "namespace.DownloadFiles": Case(
        f"{_UPLOAD}{_DOWNLOAD}",
        "read(outputs.got.files['/namespace-downloadfiles.txt'])",
        "text",
    ),
    "namespace.PurgeFiles": Case(
        "- {id: it, type: namespace.PurgeFiles, namespaces: [t.none], "
        "behavior: {type: version, keepAmount: 1}}",
        "outputs.it.size",
        "0",
    ),
    "namespace.UploadFiles": Case(
        f"{_UPLOAD}{_DOWNLOAD}", "read(outputs.got.files['/namespace-uploadfiles.txt'])", "text"
    ),
    "output.OutputValues": Case(
        "- {id: it, type: output.OutputValues, values: {a: [1, '{{ 1 + 1 }}']}}",
        "outputs.it.values.a[1]",
        "2",
    ),
    "storage.Concat": Case(
        f"{_FILE}- {{id: it, type: storage.Concat, files: ['{{{{ outputs.file.uri }}}}', "
        "'{{ outputs.file.uri }}']}",
        "read(outputs.it.uri) | length",
        "12",
    ),
    "storage.DeduplicateItems": Case(
        f"{_ITEMS}- {{id: it, type: storage.DeduplicateItems, from: '{{{{ outputs.file.uri }}}}', "
        "expr: '{{ k }}'}",
        "outputs.it.numKeys",
        "2",
    ),
    "storage.Delete": Case(
        f"{_FILE}- {{id: it, type: storage.Delete, uri: '{{{{ outputs.file.uri }}}}'}}",
        "outputs.it.deleted",
        "true",
    ),
    "storage.FilterItems": Case(
        f"{_ITEMS}- {{id: it, type: storage.FilterItems, from: '{{{{ outputs.file.uri }}}}', "
        "filterCondition: '{{ n > 1 }}'}",
        "outputs.it.processedItemsTotal ~ '-' ~ outputs.it.droppedItemsTotal",
        "3-1",
    ),
    "storage.PurgeCurrentExecutionFiles": Case(
        f"{_FILE}- {{id: it, type: storage.PurgeCurrentExecutionFiles}}",
        "outputs.it.uris[0] == outputs.file.uri",
        "true",
    ),
    "storage.PurgeStorage": Case(
        f"- {{id: it, type: storage.PurgeStorage, namespace: t.none, endDate: {_YESTERDAY}}}",
        "'purged'",
        "purged",
    ),
    "storage.Reverse": Case(
        f"{_FILE}- {{id: it, type: storage.Reverse, from: '{{{{ outputs.file.uri }}}}'}}",
        "read(outputs.it.uri) | slice(0, 3) | replace({'\\n': ''})",
        "ba",
    ),
    "storage.Size": Case(
        f"{_FILE}- {{id: it, type: storage.Size, uri: '{{{{ outputs.file.uri }}}}'}}",
        "outputs.it.size",
        "6",
    ),
    "storage.Split": Case(
        f"{_FILE}- {{id: it, type: storage.Split, from: '{{{{ outputs.file.uri }}}}', rows: 1}}",
        "outputs.it.uris | length",
        "3",
    ),
    "storage.Write": Case(_FILE, "read(outputs.file.uri) | length", "6"),
    "templating.TemplatedTask": Case(
        "- id: it\n  type: templating.TemplatedTask\n"
        '  spec: "{type: io.kestra.plugin.core.debug.Return, format: made}"',
        "outputs.it.value",
        "made",
    ),
}

#: triggers; each flow has one task, which says what set it off
TRIGGERS: dict[str, str] = {
    "http.Trigger": "{id: it, type: http.Trigger, uri: '{server}/text', interval: PT1S, "
    "responseCondition: '{{ response.statusCode == 200 }}', stopAfter: [SUCCESS]}",
    "trigger.Flow": "{id: it, type: trigger.Flow, "
    "dependsOn: [{namespace: t.types, flowId: debug-return}]}",
    "trigger.Schedule": "{id: it, type: trigger.Schedule, cron: '* * * * * *', withSeconds: true}",
    "trigger.ScheduleOnDates": "{id: it, type: trigger.ScheduleOnDates, dates: ['{soon}']}",
    "trigger.Webhook": "{id: it, type: trigger.Webhook, key: key-of-types}",
}

#: what has no flow here, and why
LEFT_OUT = {
    "trigger.McpToolTrigger": "needs an MCP server in front of the engine",
    "runner.Process": "no task; it runs those of `flow.WorkingDirectory`",
}


def flow_id(kind: str) -> str:
    """Return the id of a type's flow."""
    return kind.replace(".", "-").lower()


def source(kind: str, server: str) -> str:
    """Return the flow of a type."""
    case = CASES[kind]
    lines = _spelled(case.tasks, kind, server)
    outputs = f'outputs: [{{id: said, type: STRING, value: "{{{{ {case.said} }}}}"}}]\n'
    head = f"id: {flow_id(kind)}\nnamespace: {SPACE}\nvariables: {{name: one}}\n"
    return f"{head}tasks:\n{lines}\n{outputs if case.said else ''}"


def triggered(kind: str, server: str, soon: str) -> str:
    """Return the flow of a trigger."""
    trigger = _spelled(TRIGGERS[kind].replace("{soon}", soon), kind, server)
    head = f"id: {flow_id(kind)}\nnamespace: {SPACE}.triggers\n"
    task = f"tasks: [{{id: say, type: {CORE}debug.Return, format: ran}}]\n"
    return f"{head}{task}triggers:\n  - {trigger.strip()}\n"


def _spelled(text: str, kind: str, server: str) -> str:
    known = [*CASES, *TRIGGERS, *LEFT_OUT]
    for each in sorted(known, key=len, reverse=True):
        text = text.replace(f"type: {each}", f"type: {CORE}{each}")
    text = text.replace("KIND", flow_id(kind)).replace("{server}", server)
    return "\n".join(f"  {line}" for line in text.splitlines())
