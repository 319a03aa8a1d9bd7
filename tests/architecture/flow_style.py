"""The house style of flow files; yields one message a violation. Needs no engine."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import yaml

BLOCKS = (
    "id", "namespace", "description", "labels", "sla", "checks", "concurrency", "retry", "inputs",
    "variables", "tasks", "errors", "finally", "afterExecution", "outputs", "triggers",
)  # fmt: skip
REMOVED_BLOCKS = {"pluginDefaults", "taskDefaults", "listeners", "workerGroup"}
NESTED_TASKS = ("tasks", "then", "else", "errors", "finally", "afterExecution", "defaults")
KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
#: tasks that reach out of the engine and may hang
CALLS = re.compile(r"\.(http|scripts|fs|jdbc|kafka|redis|nats)\.|^io\.cerberus\.")
SENSITIVE_NAME = re.compile(r"password|passwd|token|secret|api_?key|authorization|^key$", re.I)
SENSITIVE_VALUE = re.compile(r"(?=[\w+/-]*[a-z])(?=[\w+/-]*[A-Z])(?=[\w+/-]*\d)[\w+/-]{32,}=*")
FILTERED_SECRET = re.compile(r"secret\([^)]*\)\s*\|")
#: text that people, venues or other programs have written
FROM_OUTSIDE = re.compile(
    r"outputs\.\w+\.body|trigger\.(body|parameters|headers)|\bitem\.|taskrun\.value"
)
#: inputs whose values the engine has checked are no free text
CHECKED_INPUTS = {
    "SELECT",
    "MULTISELECT",
    "BOOLEAN",
    "BOOL",
    "INT",
    "FLOAT",
    "DATE",
    "DATETIME",
    "TIME",
    "DURATION",
}
RENDERED = re.compile(r"render\(\s*vars\.(\w+)\s*(,\s*recursive\s*=\s*false\s*)?\)")
CONDITION_NAME = re.compile(r"(is|has)_")
CONCURRENT_FLOWS = {"cerberus-trading-pipeline"}
NOTIFY_NAMESPACE = "cerberus.shared"


def check_flow(path: str, text: str) -> Iterator[str]:
    """Check one flow; `path` is relative to the folder `flows`."""
    try:
        flow = yaml.safe_load(text)
    except yaml.YAMLError as error:
        yield f"is not YAML: {error}"
        return
    if not isinstance(flow, dict):
        yield "is not a mapping"
        return
    yield from _check_identity(PurePosixPath(path), flow)
    yield from _check_blocks(flow)
    yield from _check_fields(flow)
    yield from _check_secrets(flow, "flow")
    yield from _check_rendering(flow)
    for task in tasks_of(flow):
        yield from _check_task(task)
    yield from _check_failure_path(flow)


def tasks_of(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every task below a flow or a task, in the order of the file."""
    for block in NESTED_TASKS:
        children = node.get(block)
        for child in children if isinstance(children, list) else []:
            if isinstance(child, dict) and ("type" in child or "task" in child):
                task = child.get("task", child)  # a Dag wraps each of its tasks
                yield task
                yield from tasks_of(task)
    for case in (node.get("cases") or {}).values() if isinstance(node.get("cases"), dict) else []:
        yield from tasks_of({"tasks": case})


def _check_identity(path: PurePosixPath, flow: dict[str, Any]) -> Iterator[str]:
    flow_id = str(flow.get("id"))
    if flow_id != path.stem:
        yield f"id {flow_id} differs from the file name {path.stem}"
    if not KEBAB.fullmatch(flow_id):
        yield f"id {flow_id} is not kebab-case"
    wanted = f"cerberus.{path.parent.as_posix().replace('/', '.')}"
    if flow.get("namespace") != wanted:
        yield f"namespace {flow.get('namespace')} differs from {wanted}, which the folder says"
    for block in ("description", "labels"):
        if not flow.get(block):
            yield f"{block} is missing"


def _check_blocks(flow: dict[str, Any]) -> Iterator[str]:
    for block in flow:
        if block in REMOVED_BLOCKS:
            yield f"{block} does not exist in Kestra 2.0"
    known = [block for block in flow if block in BLOCKS]
    ordered = sorted(known, key=BLOCKS.index)
    if known != ordered:
        yield f"blocks are in the order {', '.join(known)}, not {', '.join(ordered)}"
    if "concurrency" in flow and flow.get("id") not in CONCURRENT_FLOWS:
        yield "sets concurrency, which only the trading pipeline may"


def _check_fields(flow: dict[str, Any]) -> Iterator[str]:
    for block in ("inputs", "outputs", "triggers"):
        for item in flow.get(block) or []:
            if not SNAKE.fullmatch(str(item.get("id"))):
                yield f"{block[:-1]} {item.get('id')} is not snake_case"
            if block == "inputs" and not item.get("description"):
                yield f"input {item.get('id')} has no description"


def _check_task(task: dict[str, Any]) -> Iterator[str]:
    task_id = str(task.get("id"))
    if not SNAKE.fullmatch(task_id):
        yield f"task {task_id} is not snake_case"
    if not task.get("description"):
        yield f"task {task_id} has no description"
    if CALLS.search(str(task.get("type"))) and not task.get("timeout"):
        yield f"task {task_id} calls out and has no timeout"


def _check_secrets(node: Any, name: str) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _check_secrets(value, str(key))
    elif isinstance(node, list):
        for value in node:
            yield from _check_secrets(value, name)
    elif isinstance(node, str):
        if FILTERED_SECRET.search(node):
            yield f"{name} filters a secret, which Kestra then no longer masks"
        without_expressions = re.sub(r"\{\{.*?\}\}", "", node)
        clear = "{{" not in node and SENSITIVE_NAME.search(name) and node
        if clear or SENSITIVE_VALUE.search(without_expressions):
            yield f"{name} holds a secret in clear; use secret('NAME')"


def _check_rendering(flow: dict[str, Any]) -> Iterator[str]:
    """Text from outside must not be rendered again: an expression in it could name a secret."""
    foreign = _foreign_variables(flow)
    told = set()
    for text in _texts(flow):
        for name, is_once in RENDERED.findall(text):
            if name in foreign and not is_once and name not in told:
                told.add(name)
                yield f"render(vars.{name}) has text from outside; add recursive=false"


def _foreign_variables(flow: dict[str, Any]) -> set[str]:
    """Return the variables that may hold text from outside, through others too.

    One that is named as a condition is true or false, whatever it looks at.
    """
    names = [
        re.escape(str(one.get("id")))
        for one in flow.get("inputs") or []
        if one.get("type") not in CHECKED_INPUTS
    ]
    inputs = re.compile(rf"inputs\.({'|'.join(names)})\b") if names else None
    variables = {
        name: " ".join(_texts(value))
        for name, value in (flow.get("variables") or {}).items()
        if not CONDITION_NAME.match(name)
    }
    found: set[str] = set()
    while True:
        more = {
            name
            for name, text in variables.items()
            if FROM_OUTSIDE.search(text)
            or (inputs is not None and inputs.search(text))
            or any(other in found for other, _ in RENDERED.findall(text))
        }
        if more == found:
            return found
        found = more


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for value in node.values() if isinstance(node, dict) else node:
            yield from _texts(value)


def _check_failure_path(flow: dict[str, Any]) -> Iterator[str]:
    if flow.get("namespace") == NOTIFY_NAMESPACE:
        return  # the notify subflow cannot notify through itself
    for task in tasks_of({"errors": flow.get("errors") or []}):
        calls_notify = (
            str(task.get("type")).endswith(".flow.Subflow")
            and task.get("namespace") == NOTIFY_NAMESPACE
            and "notify" in str(task.get("flowId"))
        )
        if calls_notify and task.get("wait") is True and task.get("transmitFailed") is True:
            return
    yield (
        "errors do not call the notify subflow of cerberus.shared with wait and transmitFailed true"
    )
