"""What a kill left standing goes on: the messages that would have moved it were never sent.

The kill falls between a commit and a message, some milliseconds that no test meets at will. So the
database is given the state that such a kill leaves, taken from the ends of real executions.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.engine_process import EngineProcess, engine_process
from tests.integration.engine.database_script import CONNECT

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine")]

CHILD = """
id: child
namespace: t
tasks: [{id: ret, type: io.kestra.plugin.core.debug.Return, format: "x"}]
"""
CALLING = """
id: calling
namespace: t
tasks:
  - {id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: t, flowId: child, wait: true}
  - {id: after, type: io.kestra.plugin.core.debug.Return, format: "x"}
"""
LOOPING = """
id: looping
namespace: t
tasks:
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: ["a", "b", "c"]
    concurrencyLimit: 1
    tasks: [{id: ret, type: io.kestra.plugin.core.debug.Return, format: "{{ item.value }}"}]
  - {id: after, type: io.kestra.plugin.core.debug.Return, format: "x"}
"""
ONE_SLOT = """
id: one-slot
namespace: t
concurrency: {limit: 1, behavior: QUEUE}
tasks:
  - {id: before, type: io.kestra.plugin.core.debug.Return, format: "x"}
  - {id: after, type: io.kestra.plugin.core.debug.Return, format: "x"}
"""
IN_LINE = """
id: %s
namespace: t
concurrency: {limit: 1, behavior: QUEUE}
tasks: [{id: ret, type: io.kestra.plugin.core.debug.Return, format: "x"}]
"""
#: the first run's state as it was before the message came: ended, or still waiting
FIRST_RUN = {"calling": "RUNNING", "looping": "RUNNING", "one-slot": "SUCCESS"}

_TAKE_BACK = """
import json
connection = connect()

def rewrite(table, where, change):
    query = f'select "key", "value" from {table} where {where}'
    rows = connection.createStatement().executeQuery(query)
    assert rows.next(), where
    key, value = str(rows.getString(1)), json.loads(str(rows.getString(2)))
    change(value)
    update = connection.prepareStatement(f'update {table} set "value" = ? where "key" = ?')
    update.setString(1, json.dumps(value))
    update.setString(2, key)
    assert update.executeUpdate() == 1

def reopen(state):
    kept = [one for one in state["histories"] if one["state"] in ("CREATED", "RUNNING")]
    state.update(current="RUNNING", histories=kept)
    state.pop("endDate", None)
    state.pop("duration", None)

def take_back(execution):
    reopen(execution["state"])
    del execution["taskRunList"][1:]
    if first_run[execution["flowId"]] == "RUNNING":
        run = execution["taskRunList"][0]
        reopen(run["state"])
        reopen(run["attempts"][-1]["state"])

def queue(execution):
    histories = execution["state"]["histories"]
    reopen(execution["state"])
    histories[1]["state"] = "QUEUED"
    execution["state"].update(current="QUEUED", histories=histories[:2])
    execution.pop("taskRunList")
    execution["metadata"].pop("concurrencyScopes")

def begin(execution):
    execution["state"]["current"] = "RUNNING"
    execution["state"]["histories"].append({"state": "RUNNING", "date": now})
    execution["metadata"]["concurrencyScopes"] = ["main|t|" + execution["flowId"]]
    told = connection.prepareStatement(
        'insert into QUEUES("type", "key", "value", "created") values (?, ?, ?, current_timestamp)'
    )
    for number, text in enumerate(("execution", execution["id"], json.dumps(execution)), 1):
        told.setString(number, text)
    told.executeUpdate()
    execution["state"].update(current="QUEUED", histories=execution["state"]["histories"][:2])
    execution["metadata"].pop("concurrencyScopes")

first_run, ids, loop_run, waiting, now = json.loads(sys.argv[3])
for id_ in ids:
    rewrite("EXECUTIONS", f"\\"key\\" = '{id_}'", take_back)

# in Ion, which the engine writes outputs in
outputs = "{iterationCount:3,runningIterations:1,terminatedIterations:{SUCCESS:2}}"
forget = connection.prepareStatement('update TASK_OUTPUTS set "value" = ? where "task_run_id" = ?')
forget.setString(1, outputs)
forget.setString(2, loop_run)
assert forget.executeUpdate() == 1
# one slot is held by the reopened one, the other by nobody
rewrite("CONCURRENCY_LIMIT", "\\"flow_id\\" = 'one-slot'", lambda limit: limit.update(running=2))
# one was called out of its line: its slot is kept, but no message begins it. In the other line
# a message begins the first, which has the slot, and the second has lost its place
for id_ in waiting:
    rewrite("EXECUTIONS", f"\\"key\\" = '{id_}'", queue)
rewrite("EXECUTIONS", f"\\"key\\" = '{waiting[1]}'", begin)
for flow in ("unheard", "heard"):
    where = f"\\"flow_id\\" = '{flow}'"
    rewrite("CONCURRENCY_LIMIT", where, lambda limit: limit.update(running=1))
connection.createStatement().execute("SHUTDOWN")
"""


def test_what_no_message_would_move_goes_on_and_lost_slots_are_free(tmp_path: Path) -> None:
    with engine_process(tmp_path / "var") as engine:
        for flow in (CHILD, CALLING, LOOPING, ONE_SLOT, IN_LINE % "unheard", IN_LINE % "heard"):
            engine.create_flow(flow)
        ended = [engine.run(f"t/{name}") for name in FIRST_RUN]
        assert {one["state"]["current"] for one in ended} == {"SUCCESS"}
        # the first of each flow stays as it ended, and was the one that gave its slot up
        unheard, heard = (
            [str(engine.run(f"t/{flow}")["id"]) for _ in range(count)][1:]
            for flow, count in (("unheard", 2), ("heard", 3))
        )
        waiting = [*unheard, *heard]
        engine.stop()
        _take_back(engine, ended, waiting)
        engine.start()
        for before in ended:
            engine.wait_for_state(str(before["id"]), "SUCCESS")
            after = engine.execution(str(before["id"]))
            assert [run["taskId"] for run in after["taskRunList"]][1:] == ["after"]
            # nothing that had been done is done again
            assert after["taskRunList"][0]["id"] == before["taskRunList"][0]["id"]
        moments = [_history(engine, id_) for id_ in waiting]
        assert {tuple(one) for one in moments} == {("CREATED", "QUEUED", "RUNNING", "SUCCESS")}
        # the second had to wait for the slot of the first
        assert moments[2]["RUNNING"] >= moments[1]["SUCCESS"]
        for flow in ("one-slot", "unheard", "heard"):
            assert engine.run(f"t/{flow}")["state"]["current"] == "SUCCESS"
        limits = engine.session.get(engine.api("concurrency-limit/search"), timeout=30).json()
        assert [one["running"] for one in limits["results"]] == [0, 0, 0]


@pytest.mark.long
def test_whoever_waits_for_an_end_hears_of_it(engine: EngineProcess) -> None:
    engine.create_flow(CHILD)
    with ThreadPoolExecutor(3) as clients:
        states = clients.map(lambda _: engine.run("t/child")["state"]["current"], range(500))
        assert set(states) == {"SUCCESS"}


def _history(engine: EngineProcess, id_: str) -> dict[str, datetime]:
    engine.wait_for_state(id_, "SUCCESS")
    histories = engine.execution(id_)["state"]["histories"]
    return {one["state"]: datetime.fromisoformat(one["date"]) for one in histories}


def _take_back(engine: EngineProcess, ended: list[dict[str, Any]], waiting: list[str]) -> None:
    loop_run = next(one for one in ended if one["flowId"] == "looping")["taskRunList"][0]["id"]
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    ids = [one["id"] for one in ended]
    wanted = json.dumps([FIRST_RUN, ids, loop_run, waiting, now])
    folder = engine.var / "kestra" / "h2"
    url = f"jdbc:h2:file:{folder / 'kestra'};MODE=LEGACY"
    command = [sys.executable, "-c", CONNECT + _TAKE_BACK, str(folder), url, wanted]
    done = subprocess.run(command, env=engine.environment, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
