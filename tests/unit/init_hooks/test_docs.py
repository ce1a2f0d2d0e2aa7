"""Every YAML of docs/hooks.md and docs/configuration.md does what the page says."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from init_hooks import annotations, config
from init_hooks.config import parse_settings
from init_hooks.settings import Settings
from tests.unit.init_hooks.case import inject

DOCS = Path(__file__).parents[3] / "docs"
FENCE = re.compile(r"^```(yaml|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples() -> list[tuple[dict[str, Any], dict[str, Any], str, str]]:
    """Each Pod of the hooks page, with the Restore before it and the block behind it, which tells the result."""
    found, restore = [], {}
    blocks = FENCE.findall((DOCS / "hooks.md").read_text())
    for (_, text), (kind, result) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        shown = yaml.safe_load(text) if text.startswith("apiVersion") else {}
        if shown.get("kind") == "Restore":
            restore = shown["spec"]
        if shown.get("kind") == "Pod":
            found.append((shown, restore, kind, result))
            restore = {}
    return found


EXAMPLES = examples()


@pytest.mark.parametrize(("pod", "restore", "kind", "result"), EXAMPLES)
def test_an_example_gives_what_stands_behind_it(
    pod: dict[str, Any], restore: dict[str, Any], kind: str, result: str
) -> None:
    """The init containers of the restored Pod, or what is wrong."""
    injection = inject(pod, restore=restore)
    if kind == "text":
        assert "".join(f"{finding}\n" for finding in injection.findings) == result
        return
    assert injection.findings == ()
    assert yaml.safe_load(injection.item)["spec"]["initContainers"] == yaml.safe_load(result)["initContainers"]


def test_the_hooks_page_has_examples_of_all_kinds() -> None:
    """None is lost by a change of the page's form."""
    kinds = [kind for _, _, kind, _ in EXAMPLES]
    assert (kinds.count("yaml"), kinds.count("text")) == (5, 1)
    assert sum(bool(restore) for _, restore, _, _ in EXAMPLES) == 1


def test_the_tables_have_every_key() -> None:
    """No key of the code is missing in a table, and none stands there that the code doesn't know."""
    for page, keys in (("hooks.md", annotations._READERS), ("configuration.md", config._READERS)):
        assert re.findall(r"^\| `([a-z-]+)` \|", (DOCS / page).read_text(), re.MULTILINE) == [*keys]


def test_the_config_map_is_right_and_says_the_defaults() -> None:
    """What a user copies holds every key; those with a default have it, but for the image."""
    [(_, text)] = FENCE.findall((DOCS / "configuration.md").read_text())
    config_map = yaml.safe_load(text)
    assert [*config_map["data"]] == [*config._READERS]
    settings, findings = parse_settings(config_map["data"], "")
    assert findings == ()
    defaults = Settings(image=settings.image, security_context=settings.security_context, resources=settings.resources)
    assert settings == defaults
