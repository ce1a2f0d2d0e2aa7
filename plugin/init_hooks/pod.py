"""A Pod as bytes: only the levels that a hook touches are opened, every field below them stays as it came."""

from __future__ import annotations

import typing

import msgspec
from msgspec import Raw

from init_hooks.names import PREFIX, RECORD

if typing.TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

Object = dict[str, object]  # a JSON object on its way out: values are Raw where they came in as bytes

NULL = Raw(b"null")
_NOTHING = {b"null", b"{}", b"[]", b'""'}

_OBJECT = msgspec.json.Decoder(dict[str, Raw] | None)
_TEXT = msgspec.json.Decoder(str)
_OPTIONAL_TEXT = msgspec.json.Decoder(str | None)
_RAW_LIST = msgspec.json.Decoder(list[Raw] | None)
_ENCODER = msgspec.json.Encoder()


class Named(msgspec.Struct):
    """Anything with a name: a volume, a container."""

    name: str = ""


class AppContainer(msgspec.Struct, rename="camel"):
    """An app container: what a hook can share with it, as bytes."""

    name: str = ""
    volume_mounts: Raw = NULL
    volume_devices: Raw = NULL
    security_context: Raw = NULL
    resources: Raw = NULL
    env: Raw = NULL
    env_from: Raw = NULL


class InitContainer(msgspec.Struct, frozen=True):
    """An init container of the pod, unopened but for its name."""

    name: str
    raw: Raw


_LABELS = msgspec.json.Decoder(dict[str, str] | None)
_NAMED_LIST = msgspec.json.Decoder(list[Named] | None)
_APP_CONTAINERS = msgspec.json.Decoder(list[AppContainer] | None)


class Pod:
    """A Pod's opened levels.

    Raises:
        msgspec.ValidationError: A field that is needed here has not the type that Kubernetes gives it.
    """

    def __init__(self, item: bytes) -> None:
        self._fields = decode_object(item)
        self.metadata = decode_object(self._fields.get("metadata", NULL))
        self._annotations = decode_object(self.metadata.get("annotations", NULL))
        self.spec = decode_object(self._fields.get("spec", NULL))
        self.init_containers = self._init_containers()
        self._app_containers: list[AppContainer] | None = None
        self._volumes: set[str] | None = None

    def text(self, key: str) -> str:
        """Give a text field of the metadata, "" where there is none."""
        return _OPTIONAL_TEXT.decode(self.metadata.get(key, NULL)) or ""

    @property
    def labels(self) -> dict[str, str]:
        """The pod's labels."""
        return _LABELS.decode(self.metadata.get("labels", NULL)) or {}

    @property
    def volumes(self) -> set[str]:
        """The names of the pod's volumes."""
        if self._volumes is None:
            self._volumes = self._names("volumes")
        return self._volumes

    @property
    def app_containers(self) -> list[AppContainer]:
        """The app containers, in their order."""
        if self._app_containers is None:
            self._app_containers = _APP_CONTAINERS.decode(self.spec.get("containers", NULL)) or []
        return self._app_containers

    def hook_annotations(self) -> dict[str, str]:
        """Give the annotations under the prefix of init hooks."""
        return {key: _TEXT.decode(raw) for key, raw in self._annotations.items() if key.startswith(PREFIX)}

    def record(self) -> str | None:
        """Give our note of the hooks from an earlier restore, None where there is none."""
        raw = self._annotations.get(RECORD)
        return None if raw is None else _TEXT.decode(raw)

    def app_container(self, name: str | None) -> AppContainer | None:
        """Give an app container: the one of this name, or the first one; None where there is none."""
        for container in self.app_containers:
            if name is None or container.name == name:
                return container
        return None

    def container_names(self) -> set[str]:
        """Give the names of all containers, which have to be unique in a pod."""
        names = self._names("ephemeralContainers")
        names.update([container.name for container in self.app_containers])
        names.update([container.name for container in self.init_containers])
        return names

    def take_out(self, indexes: AbstractSet[int]) -> tuple[str, ...]:
        """Take init containers out of the pod. Returns their names."""
        taken = tuple(self.init_containers[index].name for index in sorted(indexes))
        self.init_containers = [
            container for index, container in enumerate(self.init_containers) if index not in indexes
        ]
        return taken

    def encode(self, init_containers: list[object], record: list[str]) -> bytes:
        """Give the pod's bytes with these init containers, and our note of those among them that are hooks."""
        spec: Object = {**self.spec, "initContainers": init_containers}
        if not init_containers:
            del spec["initContainers"]
        annotations: Object = {**self._annotations, RECORD: _ENCODER.encode(record).decode()}
        if not record:
            del annotations[RECORD]
        metadata: Object = {**self.metadata}
        if annotations or "annotations" in metadata:
            metadata["annotations"] = annotations
        return _ENCODER.encode({**self._fields, "metadata": metadata, "spec": spec})

    def _init_containers(self) -> list[InitContainer]:
        raw = self.spec.get("initContainers")
        if raw is None:
            return []
        names = _NAMED_LIST.decode(raw) or []
        return [InitContainer(named.name, one) for named, one in zip(names, decode_list(raw), strict=True)]

    def _names(self, key: str) -> set[str]:
        raw = self.spec.get(key)
        return set() if raw is None else {named.name for named in _NAMED_LIST.decode(raw) or []}


def decode_object(raw: bytes | Raw) -> dict[str, Raw]:
    """Open one level of a JSON object; null is an empty one."""
    return _OBJECT.decode(raw) or {}


def decode_list(raw: Raw) -> list[Raw]:
    """Open one level of a JSON list; null is an empty one."""
    return _RAW_LIST.decode(raw) or []


def says_nothing(raw: Raw) -> bool:
    """Tell whether Kubernetes reads this value as if the field were not there."""
    return bytes(raw) in _NOTHING
