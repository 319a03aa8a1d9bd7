"""Send a command to the executor and wait until it has taken it in."""

from collections.abc import Callable

from cerberus.engine.kestra.beans import Beans
from cerberus.engine.kestra.java import Java, callback, seconds
from cerberus.errors import Conflict, Rejected

WAIT_SECONDS = 30.0


def submit(beans: Beans, item_id: str, emit: Callable[[str], object]) -> None:
    """Emit with a new operation id and wait for the executor's answer about `item_id`.

    Raises
    ------
    Conflict
        The state of the execution or trigger does not allow it.
    Rejected
        The executor refused for another reason.
    """
    consumer = callback(
        "java.util.function.Consumer", "accept", lambda operation: emit(str(operation))
    )
    event = beans.waiter.submitAndWait(item_id, consumer, seconds(WAIT_SECONDS))
    if str(event.outcome()) != "FAILED":
        return
    problem = str(event.error())
    raise Conflict(problem) if "state" in problem else Rejected(problem)


def submit_command(beans: Beans, item_id: str, command: Java) -> None:
    """Send an execution command."""
    submit(beans, item_id, lambda id_: beans.commands.emit(command.withOperationId(id_)))
