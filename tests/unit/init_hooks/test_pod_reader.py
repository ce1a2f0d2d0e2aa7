import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from kubernetes.client import Configuration

from init_hooks.api_server import ApiServer
from init_hooks.pod_reader import ApiUnavailable, PodFound, PodMissing, PodReader
from init_hooks.restored_pod import Metadata, RestoredPod

POD = b'{"kind":"Pod","metadata":{"name":"web-0","namespace":"shop"}}'
FOUND = PodFound(RestoredPod(Metadata("web-0", namespace="shop")))


@dataclass
class StandIn:
    """An API server as far as the reader can tell: it gives one answer to all, and notes who asked."""

    status: int = 200
    body: bytes = POD
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    hangs_up: bool = False
    requests: list[tuple[str, str | None]] = field(default_factory=list)  # path, token
    connections: int = 0
    closed: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))  # up with each connection
    url: str = ""
    ended: threading.Event = field(default_factory=threading.Event)

    def reader(self, clock: Callable[[], float] = lambda: 0.0) -> PodReader:
        """Give a reader of Pods at this server."""
        return PodReader(lambda: ApiServer(self.configuration()), clock)

    def configuration(self) -> Configuration:
        """Give what the kubernetes client needs to reach it."""
        return Configuration(host=self.url, api_key={"BearerToken": "bearer first"})


@pytest.fixture
def api_server() -> Iterator[StandIn]:
    """Serve on loopback, over real connections."""
    stand_in = StandIn()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer leaves in one piece, as the API server's does

        def setup(self) -> None:
            super().setup()
            stand_in.connections += 1

        def do_GET(self) -> None:
            stand_in.requests.append((self.path, self.headers["authorization"]))
            if stand_in.silent:
                stand_in.ended.wait()
            body = stand_in.body
            self.send_response(stand_in.status)
            for name, value in {"Content-Length": str(len(body)), **stand_in.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = stand_in.hangs_up

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(http.server.ThreadingHTTPServer):
        def shutdown_request(self, request: Any) -> None:
            super().shutdown_request(request)
            stand_in.closed.release()

    with Server(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        stand_in.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield stand_in
        stand_in.ended.set()
        server.shutdown()
        thread.join()


def test_a_pod_is_read_by_its_name(api_server: StandIn) -> None:
    """With one request, which carries the service account's token."""
    assert api_server.reader().read("shop", "web-0") == FOUND
    assert api_server.requests == [("/api/v1/namespaces/shop/pods/web-0", "bearer first")]


def test_names_do_not_lead_elsewhere(api_server: StandIn) -> None:
    """An operation ID is text from outside."""
    api_server.reader().read("shop/../x", "web?watch=1")

    assert api_server.requests[0][0] == "/api/v1/namespaces/shop%2F..%2Fx/pods/web%3Fwatch%3D1"


def test_a_thousand_pods_cost_a_thousand_requests_over_one_connection(api_server: StandIn) -> None:
    """Velero asks for one operation after the other, all in one process."""
    reader = api_server.reader()

    assert {reader.read("shop", f"web-{number}") for number in range(1000)} == {FOUND}
    assert len(api_server.requests) == 1000
    assert api_server.connections == 1


def test_a_closed_connection_is_opened_again(api_server: StandIn) -> None:
    """A process may be asked again after minutes."""
    api_server.hangs_up = True
    reader = api_server.reader()

    for _ in range(3):
        assert reader.read("shop", "web-0") == FOUND
        assert api_server.closed.acquire(timeout=10)
    assert api_server.connections == 3


def test_the_token_is_asked_for_with_every_request(api_server: StandIn) -> None:
    """The kubelet renews it in its file."""
    configuration = api_server.configuration()
    reader = PodReader(lambda: ApiServer(configuration))
    reader.read("shop", "web-0")
    configuration.refresh_api_key_hook = lambda config: config.api_key.update(BearerToken="bearer second")  # type: ignore[assignment]
    reader.read("shop", "web-0")

    assert [token for _, token in api_server.requests] == ["bearer first", "bearer second"]


def test_a_pod_that_is_not_there_is_an_answer(api_server: StandIn) -> None:
    """404 is what the API server says of a pod that was never created, or was deleted."""
    api_server.status = 404

    assert api_server.reader().read("shop", "web-0") == PodMissing()


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (401, b'{"kind":"Status","message":"Unauthorized"}', "HTTP status 401: Unauthorized"),
        (403, b'{"message":"pods is forbidden"}', "HTTP status 403: pods is forbidden"),
        (429, b"Too many requests", "HTTP status 429: Too many requests"),
        (500, b"", "HTTP status 500: (no text)"),
        (503, b"<html>" + b"x" * 1000, "HTTP status 503: <html>" + "x" * 294),
        (302, b"{}", "HTTP status 302: (no text)"),
    ],
)
def test_a_refusal_is_told_in_the_servers_words(api_server: StandIn, status: int, body: bytes, message: str) -> None:
    """It may pass; nothing follows from it for the pod. Redirects are not followed: the token is for this server."""
    api_server.status, api_server.body = status, body
    api_server.headers["Location"] = f"{api_server.url}/elsewhere"
    reader = api_server.reader()

    assert reader.read("shop", "web-0") == ApiUnavailable(f"the API server refused to tell: {message}")
    api_server.status, api_server.body = 200, POD
    assert reader.read("shop", "web-0") == FOUND
    assert [path for path, _ in api_server.requests] == ["/api/v1/namespaces/shop/pods/web-0"] * 2


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", b"{}", b'{"kind":"Status","status":"Failure"}', POD[:-9]])
def test_an_answer_that_is_no_pod_says_nothing_of_the_pod(api_server: StandIn, body: bytes) -> None:
    """A proxy between may say 200 as well."""
    api_server.body = body

    told = api_server.reader().read("shop", "web-0")

    assert isinstance(told, ApiUnavailable)
    assert told.message.startswith("the API server's answer is no Pod: ")


def test_an_answer_that_breaks_off_says_nothing_of_the_pod(api_server: StandIn) -> None:
    """The connection ended before the announced length."""
    api_server.headers["Content-Length"] = "1000"
    api_server.hangs_up = True

    told = api_server.reader().read("shop", "web-0")

    assert isinstance(told, ApiUnavailable)
    assert told.message.startswith(f"no answer from the API server at {api_server.url}: ")
    assert "IncompleteRead" in told.message


def test_a_server_that_does_not_answer_is_not_waited_for(api_server: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Velero's poll must go on."""
    monkeypatch.setattr("init_hooks.api_server._READ_TIMEOUT", 0.1)
    api_server.silent = True

    told = api_server.reader().read("shop", "web-0")

    assert isinstance(told, ApiUnavailable)
    assert "Read timed out" in told.message


def test_a_server_that_is_away_costs_one_attempt_in_five_seconds(api_server: StandIn) -> None:
    """A thousand operations must not wait for a thousand connections; when it is back, it is found."""
    now = 100.0
    configuration = api_server.configuration()
    configuration.host = "http://127.0.0.1:1"
    reader = PodReader(lambda: ApiServer(configuration), lambda: now)

    away = reader.read("shop", "web-0")
    configuration.host = api_server.url
    now = 104.9
    still_away = reader.read("shop", "web-1")
    now = 105.0
    back = reader.read("shop", "web-0")

    assert isinstance(away, ApiUnavailable)
    assert "Connection refused" in away.message
    assert still_away == away
    assert back == FOUND
    assert len(api_server.requests) == 1


def test_outside_a_cluster_the_reason_is_told() -> None:
    """A process without a service account can't ask."""
    told = PodReader().read("shop", "web-0")

    assert told == ApiUnavailable("this process does not run in a pod of a cluster: KUBERNETES_SERVICE_HOST is not set")


def test_the_kubernetes_client_is_imported_with_the_first_read() -> None:
    """Its import takes longer than the plugin's whole start: no Execute may pay for it."""
    program = """if True:
        import sys
        from init_hooks.pod_reader import PodReader
        reader = PodReader()
        early = {"kubernetes", "urllib3", "ssl"} & set(sys.modules)
        reader.read("shop", "web-0")
        late = {"kubernetes", "urllib3", "ssl"} & set(sys.modules)
        print(sorted(early), sorted(late), "kubernetes.client.api.core_v1_api" in sys.modules)
    """
    cluster = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    ran = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, env={**os.environ, **cluster}
    )

    assert ran.stdout == "[] ['kubernetes', 'ssl', 'urllib3'] False\n"
