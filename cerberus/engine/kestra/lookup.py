"""Find what a path names, or say that it is not there."""

import re

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.java import Java, boolean, java, optional_integer
from cerberus.errors import Invalid, NotFound

_NAMESPACE = re.compile(r"[a-z0-9][a-z0-9._-]{0,149}")


def find_execution(beans: Beans, id_: str) -> Java:
    """Return an execution.

    Raises
    ------
    NotFound
        There is none with this id.
    """
    found = beans.executions.findById(TENANT, id_)
    if found.isEmpty():
        raise NotFound(f"execution {id_} not found")
    return found.get()


def find_flow(
    beans: Beans,
    namespace: str,
    id_: str,
    revision: int | None = None,
    *,
    deleted_too: bool = False,
) -> Java:
    """Return a flow with its source.

    Raises
    ------
    NotFound
        There is none with this name, or none of this revision.
    """
    found = beans.flows.findByIdWithSource(
        TENANT, namespace, id_, optional_integer(revision), boolean(deleted_too)
    )
    if found.isEmpty():
        raise NotFound(f"flow {namespace}.{id_} not found")
    return found.get()


def require_namespace(name: str) -> str:
    """Return a namespace's name if Kestra takes it.

    Raises
    ------
    Invalid
        It is none.
    """
    if not _NAMESPACE.fullmatch(name):
        raise Invalid("namespace", f"small letters, digits, . _ - are accepted, was {name!r}")
    return name


def flow_of(beans: Beans, execution: Java) -> Java:
    """Return the revision of the flow which an execution runs."""
    return beans.flows.findByExecutionWithoutAcl(execution)


def state_type(name: str, field: str = "state") -> Java:
    """Return the state of this name."""
    states = java("io.kestra.core.models.flows.State$Type")
    known = {str(each.name()): each for each in states.values()}
    if name not in known:
        raise Invalid(field, f"one of {', '.join(known)}, was {name!r}")
    return known[name]
