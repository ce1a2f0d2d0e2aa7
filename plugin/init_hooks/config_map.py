"""Reading the plugin's ConfigMap, found by Velero's convention for the configuration of plugins.

Velero's pkg/plugin/framework/common/plugin_config.go: a ConfigMap in Velero's namespace with the label
`velero.io/plugin-config` and a label that has the plugin's name for its key and the plugin's kind for its value.
"""

from __future__ import annotations

import http
import logging
import typing
from urllib.parse import quote

import msgspec

from init_hooks.api_server import ApiServerError
from init_hooks.config import parse_settings
from init_hooks.names import PLUGIN_NAME
from init_hooks.settings import Settings

if typing.TYPE_CHECKING:
    from collections.abc import Callable

    from init_hooks.api_server import Answer, ApiServer

# Velero lists the plugin as RestoreItemActionV2; its own documentation knows the first spelling only.
SELECTOR = f"velero.io/plugin-config,{PLUGIN_NAME} in (RestoreItemAction,RestoreItemActionV2)"

_log = logging.getLogger(__name__)


class _Metadata(msgspec.Struct):
    name: str


class _ConfigMap(msgspec.Struct):
    metadata: _Metadata
    data: dict[str, str] | None = None


class _ConfigMaps(msgspec.Struct):
    items: list[_ConfigMap]


def read_config_map(namespace: str, connect: Callable[[], ApiServer]) -> Settings | None:
    """Give the settings of the ConfigMap in Velero's namespace; None when the API server can't tell just now.

    Whatever goes wrong is told as a warning.
    """
    path = f"/api/v1/namespaces/{quote(namespace, safe='')}/configmaps?labelSelector={quote(SELECTOR)}"
    try:
        answer = connect().get(path)
    except ApiServerError as error:
        _warn(str(error))
        return None
    if answer.status in {http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN}:
        _warn(f"{answer}; Velero's service account has to be allowed to list ConfigMaps in {namespace}")
        return Settings()
    if answer.status != http.HTTPStatus.OK:
        _warn(f"the API server refused to tell: {answer}")
        return None
    return _settings_of(answer, namespace)


def _settings_of(answer: Answer, namespace: str) -> Settings:
    try:
        config_maps = msgspec.json.decode(answer.body, type=_ConfigMaps).items
    except msgspec.DecodeError as error:
        _warn(f"the API server's answer is no list of ConfigMaps: {error}")
        return Settings()
    if len(config_maps) > 1:
        names = ", ".join(config_map.metadata.name for config_map in config_maps)
        _warn(
            f"found {len(config_maps)} ConfigMaps in {namespace} with the labels {SELECTOR}: {names}; "
            "expected one: remove these labels from the others"
        )
        return Settings()
    if not config_maps:
        return Settings()
    [config_map] = config_maps
    settings, findings = parse_settings(config_map.data or {}, f"ConfigMap {namespace}/{config_map.metadata.name}")
    for finding in findings:
        _log.warning("%s; the default counts instead", finding)
    return settings


def _warn(problem: str) -> None:
    _log.warning("the plugin's configuration can't be read, its defaults count instead: %s", problem)
