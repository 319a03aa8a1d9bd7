"""Why this process gives a watch outside no sign of life."""

from collections.abc import Iterable
from typing import Protocol

from cerberus.services.desk import Desk


class Step(Protocol):
    """A step that is taken again and again."""

    @property
    def problem(self) -> str: ...  # noqa: D102 - why it failed last, empty while it does not


def ailing(desk: Desk, steps: Iterable[Step]) -> str:
    """Return what is wrong, empty when all is well: recovered, writing, followed, nobody given up.

    A stop or a maintenance is no illness: people have asked for it.
    """
    if desk.stopping:
        return "stopping"
    if desk.is_standby:
        return "another process writes"
    if not desk.recovered:
        return "not ready"
    failing = [step.problem for step in steps if step.problem]
    return desk.entry_block() or "; ".join(failing)
