"""Pages and their order."""

from collections.abc import Callable
from dataclasses import dataclass

from cerberus.engine.kestra.java import Java, array_list, java
from cerberus.engine.kestra.json_text import JsonObject
from cerberus.errors import Invalid


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is wanted; the first page is 1, `sort` holds `field:asc|desc`."""

    number: int = 1
    size: int = 10
    sort: tuple[str, ...] = ()

    def to_java(self, repository: Java = None) -> Java:
        """Return the `Pageable`, with the repository's own names of fields."""
        names = repository.sortMapping() if hasattr(repository, "sortMapping") else None
        orders = array_list([_order(item, names) for item in self.sort])
        sort = java("io.micronaut.data.model.Sort").of(orders)
        return java("io.micronaut.data.model.Pageable").from_(self.number, self.size, sort)


def listing(found: Java, shape: Callable[[Java], JsonObject]) -> JsonObject:
    """Return an `ArrayListTotal` as the API shows it."""
    return {"results": [shape(item) for item in found], "total": int(found.getTotal())}


def _order(item: str, names: Java) -> Java:
    field, _, direction = item.partition(":")
    if direction.lower() not in ("", "asc", "desc"):
        raise Invalid("sort", f"direction is asc or desc, was {direction!r}")
    mapped = names.apply(field) if names is not None else field
    order = java("io.micronaut.data.model.Sort$Order")
    name = str(mapped or field)
    return order.desc(name) if direction.lower() == "desc" else order.asc(name)
