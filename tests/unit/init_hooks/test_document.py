"""JSON or YAML in a value."""

import pytest

from init_hooks.document import read_document
from init_hooks.value import WrongValueError


@pytest.mark.parametrize(
    ("text", "json"),
    [
        ('{"a" : 1.50e+2, "b":"\\u003c"}', '{"a" : 1.50e+2, "b":"\\u003c"}'),
        ("a: 1.5\nb: [x, 'y']", '{"a":1.5,"b":["x","y"]}'),
        ("- name: a\n  command: [sh, -c, 'true']", '[{"name":"a","command":["sh","-c","true"]}]'),
        ("since: 2026-01-31", '{"since":"2026-01-31"}'),
        ("mode: 0644", '{"mode":420}'),
        ("null", "null"),
        ("", "null"),
    ],
)
def test_both_are_read(text: str, json: str) -> None:
    """JSON keeps its bytes; YAML is read as Kubernetes does, with dates as text."""
    assert bytes(read_document(text, "")) == json.encode()


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "a: b: c",
        "\t- a",
        "{null: 1}",
        "? [a]\n: b",
        "!!python/object/apply:os.system [ls]",
        "\x00",
        "&a [*a]",
        "a: &a {x: 1}\nb: {<<: *a}",
        "[" * 100_000,
    ],
)
def test_what_is_neither_says_so_on_one_line(text: str) -> None:
    """Broken text, Python objects, keys that JSON doesn't have, aliases, endless depth: each is told, none fails."""
    with pytest.raises(WrongValueError) as wrong:
        read_document(text, "a list")
    assert wrong.value.expected == "a list"
    assert "as JSON: " in wrong.value.found
    assert "\n" not in wrong.value.found
