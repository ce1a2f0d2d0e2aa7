"""The plugin's settings in the cluster: when its ConfigMap is read, and how long what it says counts."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from init_hooks.api_server import ApiServer
    from init_hooks.settings import Settings

# Seconds until an API server that could not tell is asked again: each time may cost a pod some seconds of waiting.
_PAUSE = 30.0


class ClusterSettings:
    """The settings of the cluster's ConfigMap: called, it gives them, read with the first call and kept.

    Whatever goes wrong costs no pod: it is told as a warning, which Velero puts into the restore's log, and the
    defaults count. An API server that is away is asked again later; what it has said, stays.
    """

    def __init__(
        self,
        namespace: str,
        connect: Callable[[], ApiServer] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._namespace = namespace
        self._connect = connect or _connect
        self._clock = clock
        self._settings: Settings | None = None
        self._ask_again = -_PAUSE

    def __call__(self) -> Settings:
        """Give the settings."""
        if self._settings is None and self._clock() >= self._ask_again:
            from init_hooks.config_map import read_config_map  # noqa: PLC0415 (a restore without hooks does without)

            self._settings = read_config_map(self._namespace, self._connect)
            self._ask_again = self._clock() + _PAUSE
        return self._settings or _defaults()


def _defaults() -> Settings:
    from init_hooks.settings import Settings  # noqa: PLC0415 (as above)

    return Settings()


def _connect() -> ApiServer:
    from init_hooks.api_server import ApiServer  # noqa: PLC0415 (as above)

    return ApiServer()
