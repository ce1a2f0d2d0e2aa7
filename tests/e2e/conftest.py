"""A lab that `hack/test e2e` has brought up, with the plugin's image loaded; the plugin added as users add it."""

import subprocess
from collections.abc import Iterator

import pytest

from tests.e2e.lab import ROOT, VELERO_NAMESPACE, await_velero, kubectl, new_name, run, velero

PLUGIN_NAME = "velero-init-hooks/inject"


@pytest.fixture(scope="session")
def image() -> str:
    """The name of the plugin's image."""
    return subprocess.run([ROOT / "hack/image", "--name"], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture(scope="session")
def plugin(image: str) -> str:
    """The plugin, added to Velero by `velero plugin add`; its name.

    In a lab that was kept Velero may still run an older image of the same name: it is started again.
    """
    await_velero()
    if PLUGIN_NAME in velero("plugin", "get"):
        kubectl("-n", VELERO_NAMESPACE, "rollout", "restart", "deployment/velero")
    else:
        velero("plugin", "add", image, "--confirm")
    await_velero()
    return PLUGIN_NAME


@pytest.fixture
def namespace() -> Iterator[str]:
    """A namespace for one test."""
    name = new_name("test")
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--ignore-not-found", "--wait=false")


@pytest.fixture(scope="session", autouse=True)
def lab() -> None:
    """The lab itself; without it every test fails, with the reason."""
    run("kubectl", "get", "--raw=/readyz")
