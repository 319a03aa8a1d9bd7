"""Secrets of flows: nowhere shown, in no form, and changed without a restart."""

import base64
import json
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.engine_process import EngineProcess
from tests.integration.engine.flows import python_task
from tests.integration.engine.roots import SECRETS

TOKEN, PLAIN = SECRETS["TOKEN"], SECRETS["PLAIN"]
FILTERS = (
    "upper",
    "lower",
    "title",
    "capitalize",
    "base64encode",
    "upper | base64encode",
    "urlencode",
    "toJson",
    "toIon",
    "yaml",
    "slugify",
    "trim",
)
#: what would be found where one of them leaked, in letters of any case
FORMS = (
    TOKEN,
    PLAIN,
    json.dumps(TOKEN)[1:-1],
    json.dumps(json.dumps(TOKEN))[1:-1],
    quote(TOKEN, safe=""),
    base64.b64encode(PLAIN.encode()).decode(),
    base64.b64encode(TOKEN.encode()).decode(),
    base64.b64encode(PLAIN.upper().encode()).decode(),
)


def leaking_flow() -> str:
    logs = "".join(
        f"  - id: log_{name}_{number}\n"
        "    type: io.kestra.plugin.core.log.Log\n"
        f"    message: \"mark-{name}-{number} {{{{ secret('{name}') | {way} }}}}\"\n"
        for name in ("TOKEN", "PLAIN")
        for number, way in enumerate(FILTERS)
    )
    return f"""\
id: leaking
namespace: t
tasks:
{logs}
  - id: ret
    type: io.kestra.plugin.core.debug.Return
    format: "{{{{ secret('PLAIN') | upper }}}}"
outputs:
  - {{id: said, type: STRING, value: "{{{{ outputs.ret.value }}}}"}}
  - {{id: length, type: INT, value: "{{{{ outputs.ret.value | length }}}}"}}
"""


def answers(engine: EngineProcess, id_: str) -> str:
    paths = [f"logs/{id_}", f"logs/{id_}/download", f"executions/{id_}", f"outputs/tasks/{id_}"]
    paths += [f"outputs/executions/{id_}", "logs/search?size=1000", "flows/t/leaking?source=true"]
    runs = engine.execution(id_)["taskRunList"]
    paths += [f"outputs/tasks/{id_}/{run['id']}" for run in runs]
    texts = []
    for path in paths:
        answer = engine.session.get(engine.api(path), timeout=30)
        assert answer.ok, answer.text
        assert int(answer.headers["content-length"]) == len(answer.content)
        texts.append(answer.text)
    return "\n".join(texts)


def leaks(text: str) -> list[str]:
    return [form for form in FORMS if form.lower() in text.lower()]


def test_no_filter_brings_a_secret_into_a_log_an_output_or_an_answer(
    guarded: EngineProcess,
) -> None:
    guarded.create_flow(leaking_flow())
    id_ = guarded.run("t/leaking")["id"]
    lines = guarded.messages(id_, containing=f"mark-PLAIN-{len(FILTERS) - 1}")
    assert guarded.state(id_) == "SUCCESS"
    assert leaks(answers(guarded, id_) + guarded.log.read_text()) == []
    shown = [line for line in lines if line.startswith("mark-PLAIN")]
    assert len(shown) == len(FILTERS)
    assert [line for line in shown if "******" not in line] == []
    # what is hidden is shown only, and passed on whole
    assert guarded.outputs(id_) == {"said": "******", "length": len(PLAIN)}


def test_what_a_script_prints_or_returns_is_clean_too(guarded: EngineProcess) -> None:
    script = (
        "import os,base64,sys; v=os.environ['V']; print('mark-out', v); "
        "print('mark-b64', base64.b64encode(('user:'+v).encode()).decode()); "
        "print('mark-err', v.upper(), file=sys.stderr); "
        'print(\'::{\\"outputs\\":{\\"v\\":\\"\' + v + \'\\"}}::\')'
    )
    work = python_task("script", f'python -c "{script}"', env="{V: \"{{ secret('PLAIN') }}\"}")
    guarded.create_flow(work)
    id_ = guarded.run("t/script")["id"]
    lines = guarded.messages(id_, containing="mark-err")
    assert guarded.state(id_) == "SUCCESS", lines
    text = answers(guarded, id_)
    assert leaks(text) == []
    encoded = base64.b64encode(f"user:{PLAIN}".encode()).decode()
    assert encoded[10:30] not in text
    assert '"v":"******"' in text.replace(" ", "")
    assert leaks(guarded.log.read_text()) == []


def test_log_lines_are_stored_without_secrets(guarded: EngineProcess) -> None:
    stored = b"".join(path.read_bytes() for path in (guarded.var / "kestra" / "h2").iterdir())
    assert b"mark-PLAIN-0 ******" in stored
    assert b"mark-PLAIN-0 " + PLAIN.upper().encode() not in stored
    assert b"mark-out " + PLAIN.encode() not in stored


ROTATING = """\
id: rotating
namespace: t
tasks: [{id: ret, type: io.kestra.plugin.core.debug.Return, format: "{{ secret('ROTATED') }}"}]
outputs:
  - {id: length, type: INT, value: "{{ outputs.ret.value | length }}"}
  - {id: said, type: STRING, value: "{{ outputs.ret.value }}"}
"""


def test_a_secret_is_changed_without_a_restart(guarded: EngineProcess) -> None:
    guarded.create_flow(ROTATING)
    file = Path(guarded.environment["CERBERUS_ROOT"]) / "kestra" / "secrets.env"
    before = file.read_text()
    assert guarded.outputs(guarded.run("t/rotating")["id"])["length"] == len(SECRETS["ROTATED"])
    file.write_text(before.replace(SECRETS["ROTATED"], "after-the-Rotation-4711-x"))
    limit = time.monotonic() + 10
    while (found := guarded.outputs(guarded.run("t/rotating")["id"]))["length"] != 25:
        assert time.monotonic() < limit
        time.sleep(0.2)
    assert found["said"] == "******"

    file.write_text("no secret\n")
    while not (state := _secrets(guarded))["problem"]:
        assert time.monotonic() < limit + 10
        time.sleep(0.2)
    assert "secrets.env:1" in str(state["problem"])
    assert guarded.outputs(guarded.run("t/rotating")["id"])["length"] == 25
    file.write_text(before)
    while _secrets(guarded)["problem"]:
        assert time.monotonic() < limit + 20
        time.sleep(0.2)


def _secrets(engine: EngineProcess) -> dict[str, object]:
    answer = engine.session.get(f"{engine.url}/engine/secrets", timeout=30)
    found = answer.json()
    assert isinstance(found, dict)
    assert {"TOKEN", "PLAIN", "ROTATED"} <= set(found["names"])
    return found


@pytest.mark.parametrize("name", ["kestra_password", "kestra_encryption_key", "admin_token"])
def test_a_secret_that_no_flow_may_name_is_hidden_too(guarded: EngineProcess, name: str) -> None:
    value = guarded.secret(name).strip()
    guarded.create_flow(python_task(f"say_{name}", f"echo said {value}"))
    id_ = guarded.run(f"t/say_{name}")["id"]
    assert "said ******" in guarded.messages(id_, containing="said ")
