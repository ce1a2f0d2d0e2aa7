"""Namespace patterns: every expectation here was seen from github.com/gobwas/glob v0.2.3 itself."""

import pytest

from init_hooks.glob import compile_glob


@pytest.mark.parametrize(
    ("pattern", "namespace", "matches"),
    [
        ("shop", "shop", True),
        ("shop", "shop-2", False),
        ("shop-*", "shop-2", True),
        ("shop-*", "shop", False),
        ("*-prod", "shop-prod", True),
        ("*op*", "shop-prod", True),
        ("**", "shop", True),
        ("team-*-prod", "team-a-prod", True),
        ("team-*-prod", "team-prod", True),  # the Go package looks at both ends each by itself
        ("sho?", "shop", True),
        ("sho?", "sho", False),
        ("[a-c]bc", "bbc", True),
        ("[!a-c]bc", "bbc", False),
        ("[abc]", "b", True),
        ("[!abc]", "b", False),
        ("[-a]", "-", True),
        ("[ab-c]", "-", True),
        (r"[\]]", "]", True),
        ("{shop,bank}-*", "bank-1", True),
        ("{shop,bank}-*", "farm-1", False),
        ("{a,{b,c}}", "c", True),
        ("{a,b", "a", True),
        ("a,b", "a,b", True),
        ("a}", "a}", True),
        (r"\*", "*", True),
        (r"\*", "shop", False),
        ("a.c", "abc", False),
    ],
)
def test_a_pattern_matches_as_in_velero(pattern: str, namespace: str, matches: bool) -> None:
    """Stars, question marks, classes and alternatives."""
    assert bool(compile_glob(pattern).fullmatch(namespace)) is matches


@pytest.mark.parametrize("pattern", ["[a", "[]", "[!]", "[a-]", "[z-a]", "[a-cx]", "[]]"])
def test_a_broken_class_is_no_pattern(pattern: str) -> None:
    """A class has to be closed, and hold characters or one range in order."""
    with pytest.raises(ValueError):  # noqa: PT011 - the pattern itself is all that there is to say
        compile_glob(pattern)
