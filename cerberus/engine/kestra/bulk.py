"""One action on many executions: those named by id, or those that pass filters."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.filters import to_filters
from cerberus.engine.kestra.java import java
from cerberus.engine.kestra.json_text import JsonObject
from cerberus.engine.kestra.paging import Page
from cerberus.errors import Invalid, Rejected

PAGE_SIZE = 500
LARGEST_BULK = 10_000


class BulkRefused(Rejected):
    """Some of the named things do not exist or do not allow it; the others were done."""

    def __init__(self, message: str, invalids: Sequence[JsonObject]) -> None:
        super().__init__(message)
        self.invalids = list(invalids)


@dataclass(frozen=True, slots=True)
class BulkAction:
    """An action, its name in messages, and the executions that it fits when searched for."""

    name: str
    run: Callable[[str], object]
    states: tuple[str, ...] = ()


class Bulk:
    """Runs an action on one execution after the other."""

    def __init__(self, beans: Beans) -> None:
        self._beans = beans

    def by_ids(self, action: BulkAction, ids: Sequence[str]) -> JsonObject:
        """Run an action on each id.

        Raises
        ------
        BulkRefused
            With the ids that were refused and why.
        """
        if len(ids) > LARGEST_BULK:
            raise Invalid("body", f"{len(ids)} ids exceed limit {LARGEST_BULK}")
        invalids: list[JsonObject] = []
        for id_ in dict.fromkeys(ids):
            try:
                action.run(id_)
            except Rejected as error:
                invalids.append({"invalidValue": id_, "message": str(error)})
        if invalids:
            reasons = "; ".join(str(each["message"]) for each in invalids[:5])
            raise BulkRefused(f"invalid bulk {action.name}: {reasons}", invalids)
        return bulk_object(len(set(ids)))

    def by_query(self, action: BulkAction, parameters: Iterable[tuple[str, str]]) -> JsonObject:
        """Run an action on each execution that passes the filters and that it fits."""
        done = 0
        for id_ in self._ids(action, parameters):
            try:
                action.run(id_)
                done += 1
            except Rejected:
                continue  # deleted, or in another state by now
        return bulk_object(done)

    def _ids(self, action: BulkAction, parameters: Iterable[tuple[str, str]]) -> list[str]:
        filters = to_filters(parameters)
        if action.states:
            filters.addAll(to_filters([("filters[state][IN]", ",".join(action.states))]))
        ids: list[str] = []
        number, found = 1, PAGE_SIZE
        while found == PAGE_SIZE and len(ids) < LARGEST_BULK:
            pageable = Page(number, PAGE_SIZE, ("id:asc",)).to_java(self._beans.executions)
            page = self._beans.executions.find(pageable, TENANT, filters)
            ids += [str(each.getId()) for each in page]
            number, found = number + 1, len(page)
        return ids


def bulk_object(count: int) -> JsonObject:
    """Return the reply to a bulk call, with the keys of Kestra 2.0 and of 1.x."""
    operation = str(java("io.kestra.core.utils.IdUtils").create())
    return {"operationId": operation, "totalItems": count, "count": count}
