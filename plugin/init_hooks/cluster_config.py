"""The plugin's ConfigMap in the cluster, found by Velero's convention for the configuration of plugins.

Velero's pkg/plugin/framework/common/plugin_config.go: a ConfigMap in Velero's namespace with the label
`velero.io/plugin-config` and a label that has the plugin's name for its key and the plugin's kind for its value.
"""

from __future__ import annotations

import logging
import time
import typing

import msgspec

from init_hooks.names import PLUGIN_NAME
from init_hooks.settings import Settings

if typing.TYPE_CHECKING:
    from collections.abc import Callable

    from init_hooks.api_server import Answer, ApiServer

# Velero lists the plugin as RestoreItemActionV2; its own documentation knows the first spelling only.
SELECTOR = f"velero.io/plugin-config,{PLUGIN_NAME} in (RestoreItemAction,RestoreItemActionV2)"

# Seconds until an API server that could not tell is asked again: each time may cost a pod some seconds of waiting.
_PAUSE = 30.0

_log = logging.getLogger(__name__)


class _Metadata(msgspec.Struct):
    name: str


class _ConfigMap(msgspec.Struct):
    metadata: _Metadata
    data: dict[str, str] | None = None


class _ConfigMaps(msgspec.Struct):
    items: list[_ConfigMap]


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
            self._settings = self._read()
            self._ask_again = self._clock() + _PAUSE
        return self._settings or Settings()

    def _read(self) -> Settings | None:
        import http  # noqa: PLC0415 - a restore without hooks does without, and starts faster
        from urllib.parse import quote  # noqa: PLC0415

        from init_hooks.api_server import ApiServerError  # noqa: PLC0415

        path = f"/api/v1/namespaces/{quote(self._namespace, safe='')}/configmaps?labelSelector={quote(SELECTOR)}"
        try:
            answer = self._connect().get(path)
        except ApiServerError as error:
            _warn(str(error))
            return None
        if answer.status in {http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN}:
            _warn(f"{answer}; Velero's service account has to be allowed to list ConfigMaps in {self._namespace}")
            return Settings()
        if answer.status != http.HTTPStatus.OK:
            _warn(f"the API server refused to tell: {answer}")
            return None
        return self._settings_of(answer)

    def _settings_of(self, answer: Answer) -> Settings:
        from init_hooks.config import parse_settings  # noqa: PLC0415 - as above

        try:
            config_maps = msgspec.json.decode(answer.body, type=_ConfigMaps).items
        except msgspec.DecodeError as error:
            _warn(f"the API server's answer is no list of ConfigMaps: {error}")
            return Settings()
        if len(config_maps) > 1:
            names = ", ".join(config_map.metadata.name for config_map in config_maps)
            _warn(
                f"found {len(config_maps)} ConfigMaps in {self._namespace} with the labels {SELECTOR}: {names}; "
                "expected one: remove these labels from the others"
            )
            return Settings()
        if not config_maps:
            return Settings()
        [config_map] = config_maps
        source = f"ConfigMap {self._namespace}/{config_map.metadata.name}"
        settings, findings = parse_settings(config_map.data or {}, source)
        for finding in findings:
            _log.warning("%s; the default counts instead", finding)
        return settings


def _warn(problem: str) -> None:
    _log.warning("the plugin's configuration can't be read, its defaults count instead: %s", problem)


def _connect() -> ApiServer:
    from init_hooks.api_server import ApiServer  # noqa: PLC0415 - as above

    return ApiServer()
