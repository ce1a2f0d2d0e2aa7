"""The end of a plugin process: asked for, or because somebody was killed."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from velero_host import LAUNCH_ENVIRONMENT, VeleroHost

from tests.process.conftest import ECHO, Launch
from velero_bridge._wire.messages import V2RestoreItemActionExecuteRequest

HOST_THAT_WAITS = """
import os, subprocess, sys
plugin = subprocess.Popen(sys.argv[2:], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
if sys.argv[1] == "handshake":
    plugin.stdout.readline()
print(plugin.pid, flush=True)
sys.stdin.read()
"""


def ended(pidfd: int, seconds: float) -> bool:
    """Whether the process ends within that time."""
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


@pytest.mark.parametrize("moment", ["start", "handshake"])
def test_a_plugin_whose_host_was_killed_ends_by_itself(moment: str) -> None:
    """Be it before the handshake or after: nobody is left to ask it to."""
    host = subprocess.Popen(
        [sys.executable, "-c", HOST_THAT_WAITS, moment, *ECHO],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **LAUNCH_ENVIRONMENT},
    )
    try:
        assert host.stdout is not None
        pidfd = os.pidfd_open(int(host.stdout.readline()))
        host.kill()
        assert ended(pidfd, seconds=30)
        os.close(pidfd)
    finally:
        host.kill()
        host.communicate()


def begin_to_sleep(host: VeleroHost) -> Any:
    """An Execute that does not return; the call lives as long as what is given back."""
    request = V2RestoreItemActionExecuteRequest(plugin="example.com/echo", item=b"sleep").encode()
    call = host._channel.unary_unary("/v2.RestoreItemAction/Execute", bytes, bytes).future(request)
    assert host.process.stderr is not None
    assert b"sleeping" in host.process.stderr.readline()
    return call


def test_a_plugin_ends_with_its_host_even_in_the_middle_of_a_call(launch: Launch) -> None:
    """A call that still runs does not keep the process."""
    host = launch()
    call = begin_to_sleep(host)
    assert host.process.stdout is not None
    host.process.stdout.close()  # what the kernel does for a host that was killed
    assert host.process.wait(10) == 0
    call.cancel()


def test_shutdown_answers_and_ends(launch: Launch) -> None:
    """The process exits by itself, with 0."""
    assert launch().shutdown() == 0


def test_shutdown_does_not_wait_for_calls(launch: Launch) -> None:
    """A call in progress does not hold it up: Velero would kill the process after two seconds."""
    host = launch()
    call = begin_to_sleep(host)
    assert host.shutdown() == 0
    call.cancel()


@pytest.mark.parametrize("files", [False, True], ids=["abstract socket", "socket file"])
def test_a_killed_plugin_leaves_nothing(launch: Launch, files: bool, tmp_path: Path) -> None:
    """SIGKILL leaves no process and no socket; of a file that the host asked for it cleans the folder itself."""
    host = launch(environment={"TMPDIR": str(tmp_path), **({"PLUGIN_UNIX_SOCKET_DIR": str(tmp_path)} if files else {})})
    address = host.address
    os.kill(host.process.pid, signal.SIGKILL)
    host.process.wait(10)
    assert address not in Path("/proc/net/unix").read_text()
    assert list(tmp_path.iterdir()) == ([Path(address)] if files else [])
