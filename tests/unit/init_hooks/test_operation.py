import pytest
from hypothesis import given
from hypothesis import strategies as st

from init_hooks.duration import parse_duration
from init_hooks.operation import HookWait, Operation, duration_text, operation_id, parse_operation_id

# Up to ten days; above a hundred, a float of seconds no longer tells single nanoseconds apart.
timeouts = st.integers(0, 10 * 86_400 * 10**9).map(lambda nanoseconds: nanoseconds / 10**9)
operations = st.builds(
    Operation,
    namespace=st.text(),
    pod=st.text(),
    hooks=st.lists(st.builds(HookWait, st.text(), timeouts), max_size=4).map(tuple),
    problems=st.lists(st.text(max_size=100), max_size=4).map(tuple),
)


@pytest.mark.parametrize(
    ("operation", "text"),
    [
        (
            Operation("shop", "web-0", (HookWait("velero-restore-init-0", 600.0),)),
            "shop/web-0: velero-restore-init-0 (10m)",
        ),
        (
            Operation("shop", "web-0", (HookWait("fix-owner", 90.0), HookWait("seed-data", 3600.0))),
            "shop/web-0: fix-owner (1m30s), seed-data (1h)",
        ),
        (
            Operation("shop", "web-0", (), ('pod shop/web-0: timeout: found "soon"',)),
            r'shop/web-0: wrong: "pod shop/web-0: timeout: found \"soon\""',
        ),
        (
            Operation("shop", "web-0", (HookWait("fix-owner", 0.5),), ("one", "two")),
            'shop/web-0: fix-owner (0.5s); wrong: "one", "two"',
        ),
        (Operation("shop", "web-0", (HookWait("wrong", 1.0),)), "shop/web-0: wrong (1s)"),
        (Operation("shop", "web-0"), "shop/web-0: "),
        (
            Operation("", "two words", (HookWait('a "b", (c)', 1.0),), ("two\nlines",)),
            r'""/"two words": "a \"b\", (c)" (1s); wrong: "two\nlines"',
        ),
    ],
)
def test_an_id_is_a_line_for_a_person_and_carries_everything(operation: Operation, text: str) -> None:
    """It stands in `velero restore describe --details`, and is all that the polling process gets."""
    assert operation_id(operation) == text
    assert parse_operation_id(text) == operation


@given(operations)
def test_an_id_carries_any_text(operation: Operation) -> None:
    """Whatever a name or a problem holds, it arrives as it was; in between nothing breaks the line or its columns."""
    text = operation_id(operation)

    assert parse_operation_id(text) == operation
    assert not {"\n", "\t"} & set(text)


def test_text_that_utf_8_cannot_write_is_replaced() -> None:
    """A lone surrogate would break the gRPC message."""
    assert operation_id(Operation("shop", "web-\ud800")) == 'shop/"web-?": '


def test_long_problems_are_cut() -> None:
    """Each keeps its beginning, which names the pod and the place."""
    problems = parse_operation_id(operation_id(Operation("shop", "web-0", (), ("x" * 5000, "short")))).problems

    assert problems == ("x" * 1499 + "…", "short")


def test_many_problems_are_counted() -> None:
    """What does not fit is at least known to be more."""
    all_of_them = tuple(f"problem {number}" for number in range(1000))

    problems = parse_operation_id(operation_id(Operation("shop", "web-0", (), all_of_them))).problems

    assert problems == (*all_of_them[:19], "and 981 more")


@given(st.lists(st.text(max_size=4000), max_size=60).map(tuple))
def test_an_id_never_gets_long(problems: tuple[str, ...]) -> None:
    """Velero sends every ID with every poll; what is cut once is not cut again."""
    text = operation_id(Operation("shop", "web-0", (), problems))

    assert sum(map(len, parse_operation_id(text).problems)) <= 3000
    assert operation_id(parse_operation_id(text)) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "found '' at character 0, expected a namespace"),
        ("shop", "found '' at character 4, expected '/'"),
        ("shop/web-0", "found '' at character 10, expected ': '"),
        ("shop/web-0: fix-owner", "found '' at character 21, expected ' ('"),
        ("shop/web-0: fix-owner (soon)", "found 'soon)' at character 23, expected a duration like 10m or 1m30s"),
        ("shop/web-0: fix-owner (10m", "found '' at character 26, expected ')'"),
        ("shop/web-0: fix-owner (10m), ", "found '' at character 29, expected a hook's name"),
        ("shop/web-0: fix-owner (10m) etc", "found ' etc' at character 27, expected '; '"),
        ("shop/web-0: fix-owner (10m); ", "found '' at character 29, expected 'wrong: '"),
        ('shop/web-0: wrong: "\\x"', "found '\"\\\\x\"' at character 19, expected what is wrong"),
        ('shop/web-0: wrong: "a" b', "found ' b' at character 22, expected the end"),
    ],
)
def test_an_id_of_another_kind_is_refused(text: str, message: str) -> None:
    """The error says where the ID goes astray."""
    with pytest.raises(ValueError, match="such an ID was not written by this version of the plugin") as refused:
        parse_operation_id(text)

    assert message in str(refused.value)


@given(st.text())
def test_garbage_is_read_or_refused(text: str) -> None:
    """There is no third way."""
    try:
        operation = parse_operation_id(text)
    except ValueError:
        return
    assert isinstance(operation, Operation)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.25, "0.25s"),
        (1e-9, "0.000000001s"),
        (59, "59s"),
        (60, "1m"),
        (90, "1m30s"),
        (3600, "1h"),
        (5400.5, "1h30m0.5s"),
        (360_000, "100h"),
        (-90, "-1m30s"),
    ],
)
def test_durations_are_written_as_go_reads_them(seconds: float, text: str) -> None:
    """As short as can be."""
    assert duration_text(seconds) == text
    assert parse_duration(text) == seconds
