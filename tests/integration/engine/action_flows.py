"""Flows to pause, fail, queue and leave files."""

PAUSING = """\
id: pausing
namespace: t.act
tasks:
  - id: wait
    type: io.kestra.plugin.core.flow.Pause
    onResume: [{id: amount, type: INT, max: 10}, {id: why, type: STRING, required: false}]
  - id: ret
    type: io.kestra.plugin.core.debug.Return
    format: "{{ outputs.wait.onResume.amount }}"
outputs: [{id: said, type: STRING, value: "{{ outputs.ret.value }}"}]
"""

FAILING = """\
id: failing
namespace: t.act
inputs: [{id: bad, type: BOOL, defaults: true}]
tasks:
  - {id: ret, type: io.kestra.plugin.core.debug.Return, format: x}
  - {id: fail, type: io.kestra.plugin.core.execution.Fail, runIf: "{{ inputs.bad }}"}
"""

LIMITED = """\
id: limited
namespace: t.act
concurrency: {limit: 1, behavior: QUEUE}
tasks: [{id: sleep, type: io.kestra.plugin.core.flow.Sleep, duration: PT60S}]
"""

LEAVING = """\
id: leaving
namespace: t.act
tasks:
  - id: write
    type: io.kestra.plugin.core.storage.Write
    content: "a,b\\n1,2\\n"
    extension: .csv
  - id: publish
    type: io.kestra.plugin.core.metric.Publish
    metrics:
      - {type: counter, name: rows, value: 2}
      - {type: timer, name: took, value: PT1.5S}
  - {id: log, type: io.kestra.plugin.core.log.Log, message: [one, two]}
"""

PARENT = """\
id: parent
namespace: t.act
tasks:
  - {id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: t.act, flowId: limited}
"""
