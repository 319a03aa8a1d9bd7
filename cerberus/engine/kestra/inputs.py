"""Parts of a form as inputs of a flow."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from cerberus.engine.kestra.beans import Beans
from cerberus.engine.kestra.java import Java, instance_of, java
from cerberus.engine.kestra.json_text import JsonObject, to_object, to_text
from cerberus.errors import Invalid, Rejected


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form: a text, or a file with its name."""

    name: str
    text: str = ""
    file_name: str | None = None
    file: BinaryIO | None = None
    content_type: str | None = None


@contextmanager
def stored_copy(content: BinaryIO) -> Iterator[str]:
    """Give the path of a file with this content, for as long as the block lasts."""
    handle, path = tempfile.mkstemp(prefix="cerberus-upload-")
    try:
        with os.fdopen(handle, "wb") as copy:
            shutil.copyfileobj(content, copy)
        yield path
    finally:
        os.unlink(path)


def read_inputs(beans: Beans, flow: Java, execution: Java, parts: Iterable[Part]) -> Java:
    """Return the values of a flow's inputs, parsed and validated by the engine.

    Raises
    ------
    Invalid
        A file was sent for an input that takes none.
    """
    values = _values(beans, flow.getInputs(), execution, parts)
    return beans.inputs.readExecutionInputs(flow, execution, values)


def read_resume_inputs(beans: Beans, flow: Java, execution: Java, parts: Iterable[Part]) -> Java:
    """Return the values of the inputs that a paused execution's Pause task asks for.

    Raises
    ------
    Rejected
        One of them does not fit; nothing is resumed.
    """
    found = resolve_resume_inputs(beans, flow, execution, parts)
    problems = [text for each in found for text in _problems(each)]
    if problems:
        raise Rejected("; ".join(problems))
    values = java("java.util.HashMap")()
    for each in found:
        if each.enabled():
            values.put(each.input().getId(), each.value())
    return values


def resolve_resume_inputs(
    beans: Beans, flow: Java, execution: Java, parts: Iterable[Part]
) -> list[Java]:
    """Return each input of a paused execution's Pause task with its value and what is wrong."""
    declared = _asked_for(flow, execution)
    values = _values(beans, declared, execution, parts)
    return list(beans.inputs.resolveInputs(declared, flow, execution, values)) if declared else []


def resolve_inputs(beans: Beans, flow: Java, execution: Java, parts: Iterable[Part]) -> list[Java]:
    """Return each input of a flow with its value and what is wrong; nothing is started."""
    values = _values(beans, flow.getInputs(), execution, parts)
    declared = flow.getInputs()
    return list(beans.inputs.resolveInputs(declared, flow, execution, values)) if declared else []


def resolved_object(found: Java) -> JsonObject:
    """Return an input with its value as the API shows it."""
    shown: JsonObject = {
        "input": to_object(found.input()),
        "enabled": bool(found.enabled()),
        "isDefault": bool(found.isDefault()),
    }
    if found.value() is not None:
        shown["value"] = json.loads(to_text(found.value()))
    if problems := _problems(found):
        shown["errors"] = [{"message": text} for text in problems]
    return shown


def _problems(found: Java) -> list[str]:
    return [str(each.getMessage()) for each in found.exceptions() or []]


def _asked_for(flow: Java, execution: Java) -> Java:
    for run in execution.getTaskRunList() or []:
        if str(run.getState().getCurrent()) == "PAUSED":
            task = flow.findTaskByTaskId(run.getTaskId())
            if instance_of(task, "io.kestra.plugin.core.flow.Pause"):
                return task.getOnResume()
    return None


def _values(beans: Beans, declared: Java, execution: Java, parts: Iterable[Part]) -> Java:
    kinds = {str(each.getId()): str(each.getType()) for each in declared or []}
    values = java("java.util.HashMap")()
    for part in parts:
        if part.file is None:
            values.put(part.name, part.text)
            continue
        name, file_name = _target(part, kinds)
        values.put(name, _store(beans, execution, name, file_name, part.file))
    return values


def _target(part: Part, kinds: dict[str, str]) -> tuple[str, str]:
    name, file_name = part.name, part.file_name or ".upl"
    if name == "files" and file_name in kinds:
        # old clients name the input by the file's name
        name, file_name = file_name, ".upl"
    if kinds.get(name, "FILE") != "FILE":
        raise Invalid(name, f"a file is accepted by an input of type FILE, was {kinds[name]}")
    return name, file_name


def _store(beans: Beans, execution: Java, name: str, file_name: str, content: BinaryIO) -> Java:
    with stored_copy(content) as path:
        file = java("java.io.File")(path)
        return beans.storage.from_(execution, name, file_name, file).toString()
