"""What the running parts answer, as the checks of this installation look at it."""

from cerberus.client.errors import ApiProblem
from cerberus.client.http import JsonConnection
from cerberus.client.monitoring import Answer
from cerberus.errors import CerberusError


def ask(connection: JsonConnection, path: str) -> Answer:
    """Return what a part answers; one that cannot be reached answers nothing."""
    try:
        body = connection.call("GET", path)
    except ApiProblem as problem:
        return Answer(problem.status, problem.body)
    except CerberusError:
        return Answer(0, {})
    return Answer(200, body if isinstance(body, dict) else {})
