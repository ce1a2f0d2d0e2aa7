"""Registering actions."""

import pytest

from velero_bridge import (
    ExecuteInput,
    ExecuteOutput,
    InvalidPluginNameError,
    Plugin,
    ResourceSelector,
    UnknownPluginError,
)
from velero_bridge._velero.registry import PluginIdentity, Registry


class LeaveAsIs:
    """An action that changes nothing."""

    def applies_to(self) -> ResourceSelector:
        return ResourceSelector()

    def execute(self, _: ExecuteInput) -> ExecuteOutput:
        return ExecuteOutput()


@pytest.mark.parametrize("name", ["example.io/pods", "a/b", "velero-init-hooks/inject", f"{'a' * 253}/b", "a/B c"])
def test_names_that_velero_takes(name: str) -> None:
    """A DNS subdomain, a slash, and anything."""
    assert Plugin().register_restore_item_action(name, LeaveAsIs).names == (name,)


@pytest.mark.parametrize(
    "name",
    ["", "/", "a/", "/b", "ab", "a/b/c", "A/b", "-a/b", "a-/b", "a..b/c", "a_b/c", f"{'a' * 254}/b", "é/b", "a\n/b"],
)
def test_names_that_velero_refuses(name: str) -> None:
    """Velero would not list such an action, so it is an error at once, with the name and what is expected."""
    with pytest.raises(InvalidPluginNameError, match="expected") as caught:
        Plugin().register_restore_item_action(name, LeaveAsIs)
    assert repr(name) in str(caught.value)


def test_one_name_is_registered_once() -> None:
    """Velero would run an action twice that is registered as version 1 and 2; and not start with one twice in one."""
    plugin = Plugin().register_restore_item_action("a/b", LeaveAsIs)
    with pytest.raises(InvalidPluginNameError, match="registered already"):
        plugin.register_restore_item_action("a/b", LeaveAsIs)
    with pytest.raises(InvalidPluginNameError, match="registered already"):
        plugin.register_restore_item_action_v2("a/b", LeaveAsIs)  # type: ignore[arg-type]


def test_an_action_is_made_when_first_asked_for_and_once() -> None:
    """What an action's constructor does costs nothing where Velero does not ask for it."""
    made = []

    def factory() -> LeaveAsIs:
        made.append(LeaveAsIs())
        return made[-1]

    registry = Registry("RestoreItemAction", {"a/b": factory})
    assert (list(registry), made) == ([PluginIdentity("RestoreItemAction", "a/b")], [])
    assert registry.get("a/b") is registry.get("a/b")
    assert len(made) == 1


def test_an_unknown_action_is_an_error_that_names_the_known_ones() -> None:
    """Velero may ask for a name that an older version of the plugin had."""
    with pytest.raises(UnknownPluginError, match=r"no RestoreItemAction named 'a/c' in this plugin; it has: a/b"):
        Registry("RestoreItemAction", {"a/b": LeaveAsIs}).get("a/c")
