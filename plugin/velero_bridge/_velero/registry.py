"""The actions of this process by kind and name, made when Velero first asks for them."""

from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

from velero_bridge.errors import UnknownPluginError

ActionT = TypeVar("ActionT")


class PluginIdentity(NamedTuple):
    """An action as Velero knows it."""

    kind: str
    name: str


class Registry(Generic[ActionT]):
    """Actions of one kind. Each is made once, when it is first asked for, as Velero's own framework does."""

    def __init__(self, kind: str, factories: Mapping[str, Callable[[], ActionT]]) -> None:
        self._kind = kind
        self._factories = factories
        self._actions: dict[str, ActionT] = {}
        self._lock = Lock()

    def __iter__(self) -> Iterator[PluginIdentity]:
        return (PluginIdentity(self._kind, name) for name in sorted(self._factories))

    def get(self, name: str) -> ActionT:
        """The action of that name.

        Raises:
            UnknownPluginError: There is none.
        """
        action = self._actions.get(name)
        if action is None:
            action = self._make(name)
        return action

    def _make(self, name: str) -> ActionT:
        factory = self._factories.get(name)
        if factory is None:
            known = ", ".join(sorted(self._factories)) or "none"
            raise UnknownPluginError(f"no {self._kind} named {name!r} in this plugin; it has: {known}")
        with self._lock:
            if name not in self._actions:
                self._actions[name] = factory()
            return self._actions[name]
