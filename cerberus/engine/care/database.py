"""The engine's database itself, beside the engine's repositories."""

from collections.abc import Iterator
from contextlib import contextmanager

from cerberus.engine.kestra.java import Java, JavaError, java


@contextmanager
def connection(context: Java) -> Iterator[Java]:
    """Give a connection of the engine's own pool."""
    # the bean itself gives connections inside a transaction only
    unwrap = java("io.micronaut.data.connection.jdbc.advice.DelegatingDataSource")
    source = unwrap.unwrapDataSource(context.getBean(java("javax.sql.DataSource")))
    given = source.getConnection()
    try:
        yield given
    finally:
        given.close()


def is_open(context: Java) -> bool:
    """Tell whether the database answers; after a failed write H2 closes it for good."""
    try:
        with connection(context) as given:
            return rows(given, "select 1") == [(1,)]
    except JavaError:
        return False


def rows(given: Java, query: str) -> list[tuple[object, ...]]:
    """Return all rows of a query."""
    statement = given.createStatement()
    try:
        found = statement.executeQuery(query)
        width = int(found.getMetaData().getColumnCount())
        result = []
        while found.next():
            result.append(tuple(found.getObject(column) for column in range(1, width + 1)))
        return result
    finally:
        statement.close()
