"""The cluster's API server, reached as a pod of the cluster reaches it.

The `kubernetes` client knows the address, the certificates, the proxy and the token, which it reads again from its
file as the kubelet renews it. The typed API on top of it (`CoreV1Api`) is left out: to import it takes twice as long
as all the rest, and answers are read with msgspec anyway. Nothing is imported before an ApiServer is made.
"""

from __future__ import annotations

import os
import typing

import msgspec

if typing.TYPE_CHECKING:
    from kubernetes.client import Configuration

# Seconds. An API server that is well answers in milliseconds; a slow one is asked again with the next poll.
_CONNECT_TIMEOUT = 2.0
_READ_TIMEOUT = 5.0

_LONGEST_BODY = 300  # characters


class ApiServerError(Exception):
    """The API server gave no answer: no connection, no time, no token."""


class Answer(msgspec.Struct, frozen=True):
    """What the API server said."""

    status: int  # of HTTP
    body: bytes

    def __str__(self) -> str:
        """Tell a refusal in the API server's own words."""
        try:
            words = msgspec.json.decode(self.body, type=_Status).message
        except msgspec.DecodeError:
            words = self.body[:_LONGEST_BODY].decode(errors="replace")
        return f"HTTP status {self.status}: {words or '(no text)'}"


class _Status(msgspec.Struct):
    """metav1.Status, the body of a refusal."""

    message: str = ""


class ApiServer:
    """A client of the API server; its connection stays open from one request to the next.

    Raises:
        ApiServerError: There is no configuration, because this process does not run in a pod.
    """

    def __init__(self, configuration: Configuration | None = None) -> None:
        self._configuration = configuration or _in_cluster()
        from kubernetes.client.rest import RESTClientObject  # noqa: PLC0415 - 200 ms, for those who need it

        self._connections = RESTClientObject(self._configuration).pool_manager

    def get(self, path: str) -> Answer:
        """Get a path, whatever the API server says to it.

        Raises:
            ApiServerError: No answer came.
        """
        import urllib3  # noqa: PLC0415 - comes with it

        try:
            response = self._connections.request(
                "GET",
                self._configuration.host + path,
                headers={"Accept": "application/json", **self._token()},
                timeout=urllib3.Timeout(connect=_CONNECT_TIMEOUT, read=_READ_TIMEOUT),
                retries=False,
                redirect=False,
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise ApiServerError(f"no answer from the API server at {self._configuration.host}: {error}") from error
        return Answer(response.status, response.data)

    def _token(self) -> dict[str, str]:
        bearer = self._configuration.auth_settings().get("BearerToken")
        return {bearer["key"]: bearer["value"]} if bearer and bearer["value"] else {}


def _in_cluster() -> Configuration:
    if not os.environ.get("KUBERNETES_SERVICE_HOST"):
        raise ApiServerError("this process does not run in a pod of a cluster: KUBERNETES_SERVICE_HOST is not set")
    from kubernetes.client import Configuration  # noqa: PLC0415 - as above
    from kubernetes.config import ConfigException, load_incluster_config  # noqa: PLC0415 - as above

    configuration = Configuration()
    try:
        load_incluster_config(configuration)  # type: ignore[no-untyped-call]
    except ConfigException as error:
        raise ApiServerError(f"this process does not run in a pod of a cluster: {error}") from error
    return configuration
