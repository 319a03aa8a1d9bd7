"""The official client, watched: which of its methods were really called, answered and parsed.

A test says what it calls, `@pytest.mark.kestrapy("flows.flow", ...)`, and fails when it did not.
`docs/kestra-api.md` may only say that a method works when a test says so.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

#: kestrapy 2.0.3 asks every state for names of Java methods which no server sends
_OWN_FAULTS = ("getDuration",)


@dataclass
class Watch:
    """What the client did since the last look."""

    called: set[str] = field(default_factory=set)
    unparsed: list[str] = field(default_factory=list)

    def forget(self) -> None:
        self.called.clear()
        self.unparsed.clear()


class WatchedClient:
    """Passes every call on and notes those that returned."""

    def __init__(self, client: Any, watch: Watch) -> None:
        self._client = client
        self._watch = watch

    def __getattr__(self, group: str) -> Any:
        return _WatchedGroup(getattr(self._client, group), group, self._watch)


class _WatchedGroup:
    def __init__(self, api: Any, group: str, watch: Watch) -> None:
        self._api = api
        self._group = group
        self._watch = watch

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._api, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            answer = method(*args, **kwargs)
            if inspect.isgenerator(answer):
                return self._noting(name, answer)
            self._watch.called.add(f"{self._group}.{name}")
            return answer

        return call

    def _noting(self, name: str, events: Iterator[Any]) -> Iterator[Any]:
        for event in events:
            self._watch.called.add(f"{self._group}.{name}")
            yield event


def watch_parsing(base_api: Any, watch: Watch) -> Callable[[], None]:
    """Note each answer that the client's models refuse; return what takes the watch off."""
    lenient = base_api._construct_model

    def watched(data: Any, model: Any) -> Any:
        try:
            (model.from_dict if hasattr(model, "from_dict") else model.model_validate)(data)
        except Exception as error:  # whatever a model refuses with
            if not any(fault in str(error) for fault in _OWN_FAULTS):
                watch.unparsed.append(f"{model.__name__}: {error}")
        return lenient(data, model)

    base_api._construct_model = staticmethod(watched)

    def restore() -> None:
        base_api._construct_model = staticmethod(lenient)

    return restore
