"""Tell those who follow an execution of its end once more, should they have missed it.

Kestra's broadcast queue is read by rising row numbers, which two writers at once do not commit in
order: a reader that has seen the second one never sees the first. Whoever waits for the end of the
execution that it told of would wait for ever.
"""

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.java import java

LOOK_SECONDS = 1.0
_RUNNERS = "io.kestra.core.runners."


class Followers:
    """Those whom the engine's streaming service has on its list."""

    def __init__(self, beans: Beans) -> None:
        self._beans = beans
        self._event = java(_RUNNERS + "FollowExecutionEvent")
        self._ended = java(_RUNNERS + "ExecutionEventType").TERMINATED
        # the service tells nobody whom it has on its list
        field = beans.followers.getClass().getDeclaredField("subscribers")
        field.setAccessible(True)
        self._by_execution = field.get(beans.followers)

    def look(self) -> None:
        """Send the end of each followed execution that is over; normally nobody is left by then."""
        for id_ in list(self._by_execution.keySet()):
            found = self._beans.executions.findById(TENANT, id_)
            if found.isPresent() and found.get().getState().isTerminated():
                self._beans.follow_events.emit(self._event(found.get(), self._ended))
