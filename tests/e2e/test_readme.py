"""The README's commands, as a person types them."""

import re
import shlex
import subprocess

import pytest

from tests.e2e.lab import ROOT, CommandError, await_velero, run, velero


def commands(section: str) -> list[list[str]]:
    """The `$ velero …` lines of one part of the README, between its mark and the next part's."""
    text = (ROOT / "README.md").read_text().split(section, 1)[1].split("\n**", 1)[0]
    return [shlex.split(line, comments=True) for line in re.findall(r"^\$ (velero .*)$", text, re.MULTILINE)]


@pytest.mark.usefixtures("plugin")
def test_a_second_image_is_refused_as_the_readme_says(image: str) -> None:
    """Adding while one is there is the first error in the README's table."""
    with pytest.raises(CommandError, match=r"Duplicate value.*velero-init-hooks"):
        velero("plugin", "add", image, "--confirm")


def test_upgrade_and_install(plugin: str) -> None:
    """Remove, then add, then get: each command of the README as it stands there."""
    (remove, add), (install, listing) = commands("**Upgrade**"), commands("## Install")
    assert add == install
    run(*remove)
    await_velero()
    assert plugin not in velero("plugin", "get")
    run(*add)
    await_velero()
    assert plugin in run(*listing)


def test_the_demo_in_velero_ends_with_the_file_of_the_hook() -> None:
    """`hack/demo --velero` shows the init containers in their order, and what the app finds."""
    result = subprocess.run([ROOT / "hack/demo", "--velero"], capture_output=True, text=True, check=False, timeout=600)
    assert result.returncode == 0, result.stdout + result.stderr
    shown = result.stdout.index("restore-wait\t"), result.stdout.index("velero-restore-init-0\t")
    assert shown[0] < shown[1] < result.stdout.index("host=db\n")
