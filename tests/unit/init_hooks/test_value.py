"""The values of annotations and of the ConfigMap, one by one."""

from collections.abc import Callable

import pytest

from init_hooks.settings import Sharing
from init_hooks.value import (
    WrongValueError,
    read_command,
    read_container_name,
    read_image,
    read_inherit,
    read_pull_policy,
    read_timeout,
    read_wait,
)


@pytest.mark.parametrize(
    ("reader", "text", "value"),
    [
        (read_command, '["/bin/sh", "-c", "echo \\u003cready\\u003e"]', ["/bin/sh", "-c", "echo <ready>"]),
        (read_command, ' ["true"]\n', ["true"]),
        (read_command, "[]", []),
        (read_command, "/bin/true", ["/bin/true"]),
        (read_command, "echo [a]", ["echo [a]"]),
        (
            read_image,
            "registry.example.com:5000/tools/db@sha256:0123",
            "registry.example.com:5000/tools/db@sha256:0123",
        ),
        (read_container_name, "a", "a"),
        (read_container_name, "0-prepare-9", "0-prepare-9"),
        (read_container_name, "a" * 63, "a" * 63),
        (read_pull_policy, "IfNotPresent", "IfNotPresent"),
        (read_timeout, "1h30m", 5400.0),
        (read_wait, "true", True),
        (read_wait, "False", False),
        (read_inherit, "", frozenset()),
        (read_inherit, " env,, volume-mounts,env,", frozenset({Sharing.ENV, Sharing.VOLUME_MOUNTS})),
    ],
)
def test_a_right_value(reader: Callable[[str], object], text: str, value: object) -> None:
    """What is read is what is meant."""
    assert reader(text) == value


@pytest.mark.parametrize(
    ("reader", "text", "message"),
    [
        (read_command, '["a"', 'found "[\\"a\\"" (Input data was truncated); expected a JSON array of strings'),
        (read_command, "[null]", "(Expected `str`, got `null` - at `$[0]`)"),
        (read_image, " ", 'found " "; expected an image'),
        (read_image, "a\nb", r'found "a\nb"; expected an image'),
        (read_container_name, "-a", 'found "-a"; expected a name of at most 63'),
        (read_container_name, "a\n", r'found "a\n"; expected a name of at most 63'),
        (read_container_name, "a" * 64, "of 64 characters; expected a name of at most 63"),
        (read_container_name, "restic-wait", "expected another name"),
        (read_pull_policy, "always", 'found "always"; expected Always, IfNotPresent or Never'),
        (read_timeout, "-5s", 'found "-5s"; expected a duration above zero'),
        (read_timeout, "0", 'found "0"; expected a duration above zero'),
        (read_timeout, "5 min", 'found "5 min"; expected a duration above zero'),
        (read_wait, "yes", 'found "yes"; expected true or false'),
        (read_inherit, "volume-mount", "did you mean volume-mounts?"),
        (read_inherit, "env,all", 'found "all" in "env,all"; expected a comma list'),
    ],
)
def test_a_wrong_value(reader: Callable[[str], object], text: str, message: str) -> None:
    """What is wrong says what was found and what was expected."""
    with pytest.raises(WrongValueError) as wrong:
        reader(text)
    error = wrong.value
    assert message in f"found {error.found}; expected {error.expected} {error.hint}"
