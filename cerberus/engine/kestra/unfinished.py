"""The executions that have not ended, iterations of Loops among them."""

from collections.abc import Iterable, Iterator

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.filters import to_filters
from cerberus.engine.kestra.java import Java
from cerberus.engine.kestra.paging import Page

PAGE_SIZE = 200

UNFINISHED = "CREATED,SUBMITTED,RUNNING,KILLING,RESTARTED,RETRYING,QUEUED"


def executions_in(beans: Beans, states: str) -> Iterator[Java]:
    """Yield every execution in one of the states, which are separated by commas."""
    wanted = ("filters[state][IN]", states)
    # each iteration of a Loop is an execution of its own kind, which lists leave out
    iteration = ("filters[kind][EQUALS]", "LOOP")
    yield from whole(beans, [*_ids(beans, wanted), *_ids(beans, wanted, iteration)])


def whole(beans: Beans, ids: Iterable[str]) -> Iterator[Java]:
    """Yield executions with all that is kept of them, which lists leave out in part."""
    for id_ in ids:
        execution = beans.executions.findById(TENANT, id_)
        if execution.isPresent():
            yield execution.get()


def _ids(beans: Beans, *wanted: tuple[str, str]) -> list[str]:
    filters = to_filters(list(wanted))
    ids: list[str] = []
    number, found = 1, PAGE_SIZE
    while found == PAGE_SIZE:
        pageable = Page(number, PAGE_SIZE, ("id:asc",)).to_java(beans.executions)
        page = [str(each.getId()) for each in beans.executions.find(pageable, TENANT, filters)]
        ids += page
        number, found = number + 1, len(page)
    return ids
