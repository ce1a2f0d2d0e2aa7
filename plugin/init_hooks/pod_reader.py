"""Reads restored Pods from the API server, one request for each."""

from __future__ import annotations

import functools
import http
import time
import typing
from urllib.parse import quote

import msgspec

from init_hooks.api_server import ApiServer, ApiServerError
from init_hooks.restored_pod import RestoredPod, read_pod

if typing.TYPE_CHECKING:
    from collections.abc import Callable

# Seconds. Velero asks for one pod after the other and for nothing else meanwhile, so an API server that is away must
# not cost a timeout for each of a thousand pods. Velero's next round is 10 s later by default, in a new process.
_PAUSE = 5.0


class PodFound(msgspec.Struct, frozen=True):
    """The Pod as it is now."""

    pod: RestoredPod


class PodMissing(msgspec.Struct, frozen=True):
    """There is no Pod of this name."""


class ApiUnavailable(msgspec.Struct, frozen=True):
    """The API server could not tell this time, and why."""

    message: str


class PodReader:
    """Reads Pods; made at no cost, it connects with the first one."""

    def __init__(
        self, connect: Callable[[], ApiServer] = ApiServer, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._connect = connect
        self._clock = clock
        self._away: ApiUnavailable | None = None
        self._away_until = 0.0

    def read(self, namespace: str, name: str) -> PodFound | PodMissing | ApiUnavailable:
        """Read a Pod. An API server that gave no answer is left alone for a few seconds."""
        if self._away and self._clock() < self._away_until:
            return self._away
        try:
            answer = self._server.get(f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(name, safe='')}")
        except ApiServerError as error:
            self._away, self._away_until = ApiUnavailable(str(error)), self._clock() + _PAUSE
            return self._away
        self._away = None
        if answer.status == http.HTTPStatus.NOT_FOUND:
            return PodMissing()
        if answer.status != http.HTTPStatus.OK:
            return ApiUnavailable(f"the API server refused to tell: {answer}")
        try:
            return PodFound(read_pod(answer.body))
        except msgspec.DecodeError as error:
            return ApiUnavailable(f"the API server's answer is no Pod: {error}")

    @functools.cached_property
    def _server(self) -> ApiServer:
        return self._connect()
