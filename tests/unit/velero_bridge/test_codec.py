"""The codec against protobuf's own runtime: both read and write the same bytes, for every message of proto/."""

import contextlib
import inspect
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor
from grpc_tools import protoc
from hypothesis import given
from hypothesis import strategies as st

from velero_bridge._wire import messages
from velero_bridge._wire.codec import BOOL, BYTES, INT, STRING, DecodeError, Field, Message

PROTO = Path(__file__).parents[3] / "proto"
CLASSES = [
    value
    for _, value in inspect.getmembers(messages, inspect.isclass)
    if issubclass(value, Message) and value is not Message
]
EXECUTE = messages.V2RestoreItemActionExecuteRequest


@pytest.fixture(scope="session")
def protobuf(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Protobuf's own classes of proto/ by full name, made by protoc without our generator."""
    out = tmp_path_factory.mktemp("descriptors") / "all.pb"
    sources = [str(path.relative_to(PROTO)) for path in sorted(PROTO.rglob("*.proto"))]
    include = files("grpc_tools") / "_proto"
    assert protoc.main(["protoc", f"-I{PROTO}", f"-I{include}", "--include_imports", f"-o{out}", *sources]) == 0
    pool = descriptor_pool.DescriptorPool()
    names = []
    for file in descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file:
        pool.Add(file)
        names += [f"{file.package}.{message.name}" for message in file.message_type]
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(name)) for name in names}


def full_name(cls: type[Message]) -> str:
    """The protobuf name that the generator wrote into the docstring."""
    return (cls.__doc__ or "").split("`")[1]


def values(field: Field) -> st.SearchStrategy[Any]:
    """Values that a field can have; integers within 32 bits, which every integer type of proto/ holds."""
    strategies: dict[object, st.SearchStrategy[Any]] = {
        STRING: st.text(),
        BYTES: st.binary(),
        BOOL: st.booleans(),
        INT: st.integers(0, 2**31 - 1),
    }
    one = strategies[field.type] if isinstance(field.type, str) else instances(field.type)
    if field.repeated:
        return st.lists(one, max_size=3).map(tuple)
    return one if isinstance(field.type, str) else st.none() | one


def instances(cls: type[Message]) -> st.SearchStrategy[Message]:
    """Messages of a class."""
    return st.fixed_dictionaries({field.name: values(field) for field in cls.FIELDS.values()}).map(
        lambda attributes: cls(**attributes)
    )


def as_protobuf(protobuf: dict[str, Any], message: Message) -> Any:
    """The same message as protobuf's own class, filled field by field."""
    theirs = protobuf[full_name(type(message))]()
    numbers = theirs.DESCRIPTOR.fields_by_number
    for number, field in message.FIELDS.items():
        value, name = getattr(message, field.name), numbers[number].name
        if numbers[number].type == FieldDescriptor.TYPE_MESSAGE:
            for one in value if field.repeated else ([] if value is None else [value]):
                sub = as_protobuf(protobuf, one)
                target = getattr(theirs, name).add() if field.repeated else getattr(theirs, name)
                target.CopyFrom(sub)
                if not field.repeated:
                    target.SetInParent()
        elif field.repeated:
            getattr(theirs, name).extend(value)
        else:
            setattr(theirs, name, value)
    return theirs


@pytest.mark.parametrize("cls", CLASSES, ids=full_name)
def test_same_bytes_as_protobuf(cls: type[Message], protobuf: dict[str, Any]) -> None:
    """Every message is written as protobuf writes it, and read back as it was."""

    @given(instances(cls))
    def check(message: Message) -> None:
        theirs = as_protobuf(protobuf, message)
        assert message.encode() == theirs.SerializeToString(deterministic=True)
        assert cls.decode(message.encode()) == message

    check()


def test_every_message_of_proto_has_a_class(protobuf: dict[str, Any]) -> None:
    """The generated module leaves out nothing of proto/."""
    assert {full_name(cls) for cls in CLASSES} == set(protobuf)


def fields(cls: type[Message]) -> dict[int, tuple[object, ...]]:
    """The fields of a message by number, comparable."""
    return {number: (field.name, field.type, field.repeated) for number, field in cls.FIELDS.items()}


def test_version_1_messages_are_version_2_without_its_later_fields() -> None:
    """One code serves both versions of RestoreItemAction because their common fields have the same numbers."""
    for name in ("AppliesToRequest", "AppliesToResponse", "ExecuteRequest", "ExecuteResponse"):
        v1, v2 = (fields(getattr(messages, f"{version}RestoreItemAction{name}")) for version in ("Generated", "V2"))
        assert v1 == {number: v2[number] for number in v1}


@pytest.mark.parametrize("seconds", [-1, -62135596800, 2**63 - 1, -(2**63)])
def test_64_bit_numbers_with_sign(seconds: int, protobuf: dict[str, Any]) -> None:
    """Go's zero time, which is negative, goes over the wire and back."""
    ours = messages.Timestamp(seconds=seconds)
    assert ours.encode() == protobuf["google.protobuf.Timestamp"](seconds=seconds).SerializeToString()
    assert messages.Timestamp.decode(ours.encode()) == ours


def test_unknown_fields_are_skipped() -> None:
    """A newer Velero may send fields of any wire type that this version does not know."""
    unknown = b"\xa0\x06\x01" + b"\xa1\x06" + b"8bytes!!" + b"\xa2\x06\x03abc" + b"\xa5\x06" + b"4byt"
    assert EXECUTE.decode(unknown + EXECUTE(plugin="a/b").encode() + unknown) == EXECUTE(plugin="a/b")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x0a\x05abc", "5 bytes announced, 3 left"),
        (b"\x0a", "ends inside a number"),
        (b"\x0a\xff", "ends inside a number"),
        (b"\x0a\x02\xc3\x28", "not UTF-8"),
        (b"\x08\x01", "wire type of field plugin"),
        (b"\x0b", "wire type 3"),
    ],
)
def test_damaged_messages_are_refused(data: bytes, reason: str) -> None:
    """Bytes that are no such message are an error with the place and the reason."""
    with pytest.raises(DecodeError, match=reason):
        EXECUTE.decode(data)


@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Nothing but DecodeError comes out of a message, whatever is in it."""
    with contextlib.suppress(DecodeError):
        assert isinstance(EXECUTE.decode(data), EXECUTE)


def test_a_message_shows_its_fields() -> None:
    """A message prints as the call that makes it."""
    assert (
        repr(messages.StackFrame(file="a.py", line=3, function="f")) == "StackFrame(file='a.py', line=3, function='f')"
    )
    assert messages.StackFrame() != messages.Stack()
    assert sys.getsizeof(messages.StackFrame()) < 100  # no __dict__: slots
