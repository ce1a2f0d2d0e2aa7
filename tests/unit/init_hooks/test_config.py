"""The plugin's ConfigMap."""

import pytest
from msgspec import Raw

from init_hooks.config import parse_settings
from init_hooks.settings import Settings, Sharing

SOURCE = "ConfigMap velero/init-hooks"


def test_no_data_gives_the_defaults() -> None:
    """Nothing has to be configured."""
    assert parse_settings({}, SOURCE) == (Settings(), ())
    assert Settings() == Settings(
        image="alpine:latest",
        image_pull_policy="IfNotPresent",
        timeout=600.0,
        wait=True,
        inherit=frozenset({Sharing.VOLUME_MOUNTS, Sharing.SECURITY_CONTEXT, Sharing.RESOURCES}),
        security_context=None,
        resources=None,
        on_invalid="restore",
    )


def test_every_key_changes_its_default() -> None:
    """What the ConfigMap says counts."""
    data = {
        "image": "toolbox:1",
        "image-pull-policy": "Always",
        "timeout": "90s",
        "wait": "false",
        "inherit": "env",
        "security-context": "runAsNonRoot: true\nrunAsUser: 1000\n",
        "resources": '{"limits": {"memory": "64Mi", "cpu": 1}}',
        "on-invalid": "fail",
    }
    settings = Settings(
        image="toolbox:1",
        image_pull_policy="Always",
        timeout=90.0,
        wait=False,
        inherit=frozenset({Sharing.ENV}),
        security_context=Raw(b'{"runAsNonRoot":true,"runAsUser":1000}'),
        resources=Raw(b'{"limits": {"memory": "64Mi", "cpu": 1}}'),
        on_invalid="fail",
    )
    assert parse_settings(data, SOURCE) == (settings, ())


def test_an_empty_value_is_the_default_but_for_inherit() -> None:
    """An empty inherit shares nothing."""
    assert parse_settings({"image": "", "timeout": "", "inherit": ""}, SOURCE) == (Settings(inherit=frozenset()), ())


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (
            "imag",
            "a",
            (
                "imag: found a key that means nothing; expected one of image, image-pull-policy, timeout, wait, "
                "inherit, security-context, resources, on-invalid (did you mean image?)"
            ),
        ),
        ("image", "a b", 'image: found "a b"; expected an image such as alpine:3.20, without white space'),
        ("image-pull-policy", "x", 'image-pull-policy: found "x"; expected Always, IfNotPresent or Never'),
        ("timeout", "5", 'timeout: found "5"; expected a duration above zero such as 90s, 5m or 1h30m'),
        ("wait", "no", 'wait: found "no"; expected true or false'),
        (
            "inherit",
            "all",
            'inherit: found "all"; expected a comma list of volume-mounts, security-context, resources or env',
        ),
        ("security-context", "runAsUser: root", "security-context.runAsUser: found text; expected a whole number"),
        ("security-context", "[]", "security-context: found an array; expected an object"),
        (
            "resources",
            "limits: {cpu: 1 core}",
            'resources.limits.cpu: found "1 core"; expected a quantity such as 100m, 0.5 or 64Mi',
        ),
        (
            "on-invalid",
            "ignore",
            'on-invalid: found "ignore"; expected restore (the pod without its hooks) or fail (refuse the pod)',
        ),
    ],
)
def test_what_is_wrong_is_told_and_the_rest_counts(key: str, value: str, message: str) -> None:
    """A wrong key or value leaves its default, and says where, what was found, what was expected."""
    data = {"on-invalid": "fail", "timeout": "1m"} | {key: value}
    settings, findings = parse_settings(data, SOURCE)
    assert [str(finding) for finding in findings] == [f"{SOURCE}: {message}"]
    expected = {"on_invalid": "fail", "timeout": 60.0}
    expected.pop(key.replace("-", "_"), None)
    assert settings == Settings(**expected)  # type: ignore[arg-type]
