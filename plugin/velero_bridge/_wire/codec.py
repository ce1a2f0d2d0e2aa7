"""Protobuf's wire encoding, for the field types that proto/ uses.

Rules: the Encoding page of the Protocol Buffers documentation. Unknown fields are skipped, absent fields have
proto3's default, default values are not written, and of several values of a singular field the last one wins
(protobuf would merge messages: no peer of ours ever splits one).
"""

from typing import ClassVar, Final, Self

STRING: Final = "string"
BYTES: Final = "bytes"
BOOL: Final = "bool"
INT: Final = "int"

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_SIGN = 1 << 63
_WRAP = 1 << 64


class DecodeError(ValueError):
    """Bytes that are no protobuf message; the text says at which byte and why."""


class Field:
    """One field of a message: its Python name, its type, whether it may come many times.

    A plain class: a named tuple with this annotation would cost the start-up more than all messages together.
    """

    __slots__ = ("name", "repeated", "type")

    def __init__(self, name: str, kind: "str | type[Message]", repeated: bool) -> None:
        self.name = name
        self.type = kind
        self.repeated = repeated


class Message:
    """A message of proto/: its fields are attributes, `FIELDS` maps their numbers."""

    __slots__ = ()
    FIELDS: ClassVar[dict[int, Field]]

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a message from its wire encoding.

        Raises:
            DecodeError: The bytes end inside a field, or a field has another wire type than proto/ says.
        """
        values: dict[str, object] = {}
        repeated: dict[str, list[object]] = {}
        position, end = 0, len(data)
        while position < end:
            tag, position = _varint(data, position)
            field = cls.FIELDS.get(tag >> 3)
            raw, position = _raw_value(data, position, tag & 7)
            if field is None:
                continue
            value = _value(field, raw, position)
            if field.repeated:
                repeated.setdefault(field.name, []).append(value)
            else:
                values[field.name] = value
        for name, several in repeated.items():
            values[name] = tuple(several)
        return cls(**values)

    def encode(self) -> bytes:
        """The message's wire encoding, fields in the order of their numbers."""
        parts: list[bytes] = []
        for number, field in self.FIELDS.items():
            value, kind = getattr(self, field.name), field.type
            if field.repeated:
                for one in value:
                    parts += _field(number, kind, one)
            elif value if kind.__class__ is str else value is not None:
                parts += _field(number, kind, value)
        return b"".join(parts)

    def __eq__(self, other: object) -> bool:
        if self.__class__ is not other.__class__:
            return NotImplemented
        return all(getattr(self, field.name) == getattr(other, field.name) for field in self.FIELDS.values())

    __hash__ = None  # type: ignore[assignment]  # messages can be changed

    def __repr__(self) -> str:
        fields = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in self.FIELDS.values())
        return f"{self.__class__.__name__}({fields})"


def _varint(data: bytes, position: int) -> tuple[int, int]:
    result = shift = 0
    try:
        while (byte := data[position]) > 0x7F:  # noqa: PLR2004 (the continuation bit)
            result |= (byte & 0x7F) << shift
            shift += 7
            position += 1
    except IndexError:
        raise DecodeError(f"byte {position}: the message ends inside a number") from None
    return result | byte << shift, position + 1


def _raw_value(data: bytes, position: int, wire_type: int) -> tuple[int | bytes, int]:
    if wire_type == _VARINT:
        return _varint(data, position)
    if wire_type == _LENGTH:
        length, start = _varint(data, position)
    elif wire_type in (_FIXED64, _FIXED32):
        length, start = (8 if wire_type == _FIXED64 else 4), position
    else:
        raise DecodeError(f"byte {position}: wire type {wire_type} is none that protobuf 3 writes")
    end = start + length
    if end > len(data):
        raise DecodeError(f"byte {start}: {length} bytes announced, {len(data) - start} left")
    return data[start:end], end


def _value(field: Field, raw: int | bytes, position: int) -> object:
    kind = field.type
    if raw.__class__ is not (int if kind in (INT, BOOL) else bytes):
        raise DecodeError(f"byte {position}: the wire type of field {field.name} is not that of its type")
    if isinstance(raw, int):
        if kind is BOOL:
            return raw != 0
        raw &= _WRAP - 1
        return raw - _WRAP if raw & _SIGN else raw
    if kind is BYTES:
        return raw
    if kind is STRING:
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            raise DecodeError(f"field {field.name} is not UTF-8: {error}") from None
    if isinstance(kind, str):
        raise DecodeError(f"field {field.name} has no wire type {kind}")
    return kind.decode(raw)


def _number(value: int) -> bytes:
    value &= _WRAP - 1  # a negative number is written as its two's complement of 64 bits
    out = bytearray()
    while value > 0x7F:  # noqa: PLR2004 (the continuation bit)
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(number: int, kind: str | type[Message], value: object) -> tuple[bytes, ...]:
    if isinstance(value, int):
        return _number(number << 3 | _VARINT), _number(value)
    if isinstance(value, (str, Message)):
        payload = value.encode()
    elif isinstance(value, bytes):
        payload = value
    else:
        raise TypeError(f"field {number} wants {kind}, found {value.__class__.__name__}")
    return _number(number << 3 | _LENGTH), _number(len(payload)), payload
