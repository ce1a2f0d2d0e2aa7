"""Calls as a gRPC client may make them: several at once, slow ones, broken ones, none that is known."""

from typing import Any

import grpc
import pytest
from velero_host import VeleroHost

from tests.process.conftest import Launch
from velero_bridge._wire import messages as wire

NAME = "example.com/echo"
EXECUTE = f"/{wire.V2_RESTOREITEMACTION}/Execute"
HEALTH = f"/{wire.GRPC_HEALTH_V1_HEALTH}/Check"


def begin(host: VeleroHost, item: bytes) -> Any:
    """An Execute that is under way; the call lives as long as what is given back."""
    request = wire.V2RestoreItemActionExecuteRequest(plugin=NAME, item=item).encode()
    return host._channel.unary_unary(EXECUTE, bytes, bytes).future(request, timeout=30)


def test_slow_calls_hold_up_no_other(launch: Launch) -> None:
    """Three actions that do not return, and each new call is answered."""
    host = launch()
    assert host.process.stderr is not None
    slow = []
    for _ in range(3):
        slow.append(begin(host, b"sleep"))
        assert b"sleeping" in host.process.stderr.readline()
        assert host.execute(NAME, b"item").item == b"item"
    for call in slow:
        call.cancel()
    assert host.shutdown() == 0


def test_calls_at_once_get_each_its_own_answer(launch: Launch) -> None:
    """A hundred under way, of sizes from a few bytes to a quarter of a megabyte."""
    host = launch()
    items = [str(number).encode() * (1 + number * 1000) for number in range(100)]
    calls = [begin(host, item) for item in items]
    answers = [wire.V2RestoreItemActionExecuteResponse.decode(call.result()).item for call in calls]
    assert answers == items


def test_a_caller_that_goes_away_leaves_no_trace(launch: Launch) -> None:
    """Cancelled before, while and after the action runs: the next call is answered, and the log is empty."""
    host = launch()
    for _ in range(50):
        begin(host, b"x" * 1_000_000).cancel()
    assert host.execute(NAME, b"item").item == b"item"
    assert host.shutdown() == 0
    assert host.log == b""


def test_an_unknown_method_is_told_by_its_name(launch: Launch) -> None:
    """UNIMPLEMENTED, as every gRPC server says; a host learns from it what the plugin can't do."""
    with pytest.raises(grpc.RpcError) as caught:
        launch().call("/v3.RestoreItemAction/Execute", wire.PluginEmpty(), wire.PluginEmpty)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert caught.value.details() == "no method /v3.RestoreItemAction/Execute"


def test_a_call_without_a_request_is_refused(launch: Launch) -> None:
    """The caller ends its side and has sent nothing."""
    host = launch()
    with pytest.raises(grpc.RpcError) as caught:
        host._channel.stream_unary(EXECUTE, bytes, bytes)(iter(()), timeout=30)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert host.execute(NAME, b"item").item == b"item"


def test_what_is_no_message_is_told_and_harms_no_other_call(launch: Launch) -> None:
    """In the host's own services as in Velero's."""
    host = launch()
    for method in (HEALTH, EXECUTE):
        with pytest.raises(grpc.RpcError) as caught:
            host._channel.unary_unary(method, bytes, bytes)(b"\x0a\x7fshort", timeout=30)
        assert caught.value.code() is grpc.StatusCode.UNKNOWN
        assert caught.value.details() == "DecodeError: byte 2: 127 bytes announced, 5 left"
    assert host.execute(NAME, b"item").item == b"item"


@pytest.mark.parametrize("method", [f"/{wire.PLUGIN_STDIO}/StreamStdio", f"/{wire.PLUGIN_BROKER}/StartStream"])
def test_the_hosts_streams_end_without_a_message(launch: Launch, method: str) -> None:
    """Nothing comes by them: output goes to stderr, and there are no further connections."""
    host = launch()
    assert list(host._channel.stream_stream(method, bytes, bytes)(iter((b"",)), timeout=30)) == []


def test_a_start_writes_nothing_into_the_hosts_log(launch: Launch) -> None:
    """Not gRPC either, which warns of settings that a newer version no longer knows."""
    host = launch()
    host.list_plugins()
    assert host.shutdown() == 0
    assert host.log == b""
