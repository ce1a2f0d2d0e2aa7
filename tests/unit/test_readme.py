"""The README tells of things that are there."""

import os
import re
import tomllib
from pathlib import Path

import pytest

from init_hooks import __version__

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Each link to a file of the repository has its file."""
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text())
    missing = [link for link in links if not link.startswith("https://") and not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_are_there(page: Path) -> None:
    """Each script that a page names exists and can be run."""
    scripts = {ROOT / name for name in re.findall(r"\bhack/[a-z-]+(?![\w/.-])", page.read_text())}
    missing = [script for script in scripts if not (script.is_dir() or os.access(script, os.X_OK))]
    assert missing == []


def test_the_image_is_that_of_this_version() -> None:
    """The commands to be copied name the image that hack/image makes."""
    images = set(re.findall(r"localhost/velero-init-hooks:([0-9.]+)", (ROOT / "README.md").read_text()))
    assert images == {__version__}


def test_the_python_is_that_of_the_package() -> None:
    """README and package say the same of the Python that is needed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = str(project["requires-python"]).removeprefix(">=")
    assert f"Python {needed} or newer" in (ROOT / "README.md").read_text()
