"""`generated.PluginLister`: how Velero learns which actions this executable holds."""

from collections.abc import Iterable

from velero_bridge._go_plugin.handler import Handlers
from velero_bridge._velero.boundary import guarded
from velero_bridge._velero.registry import PluginIdentity
from velero_bridge._wire.messages import GENERATED_PLUGINLISTER, ListPluginsResponse, PluginIdentifier


def plugin_lister(command: str, plugins: Iterable[PluginIdentity]) -> Handlers:
    """The handler of ListPlugins; `command` is the path that Velero launches whenever it needs one of them."""
    response = ListPluginsResponse(
        plugins=tuple(PluginIdentifier(command=command, kind=kind, name=name) for kind, name in plugins)
    ).encode()
    return {f"/{GENERATED_PLUGINLISTER}/ListPlugins": guarded(lambda _: response)}
