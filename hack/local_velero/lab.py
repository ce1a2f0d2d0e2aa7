"""The lab as a whole: up, load, down."""

import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path

from local_velero import cgroup, control_plane, images, isolation, kubeconfig, machine, node, parts, velero
from local_velero.component import Bind, Plan, Report
from local_velero.failure import LabError
from local_velero.inside import Inside
from local_velero.layout import Layout
from local_velero.progress import say, step
from local_velero.settings import Settings, wanted_settings
from local_velero.status import complaints, connect, ended_message

START_SECONDS = 120.0


def up(layout: Layout, *, api_only: bool, server_arguments: list[str]) -> None:
    """Bring the lab up; do next to nothing when it is."""
    machine.check(layout)
    machine.install_packages()
    wanted = wanted_settings(api_only=api_only, server_arguments=server_arguments)
    with isolation.one_at_a_time(layout):
        inside = usable(layout, wanted)
        if inside is None:
            build(api_only=api_only)
            clear(layout)
            inside = start(layout, wanted)
        elif not api_only:
            change_server_arguments(inside, server_arguments)
    say(f"the lab is up: {wanted.summary}; hack/lab exec kubectl get pods -A")


def usable(layout: Layout, wanted: Settings) -> Inside | None:
    """Return the running lab when it is what is wanted and works."""
    running = Settings.read(layout)
    if running is None or not isolation.is_running(layout):
        return None
    enough = running.version == wanted.version or (wanted.api_only and not running.api_only)
    if not enough and running.checkout != wanted.checkout and not running.api_only:
        raise LabError(
            f"a lab of another version ({running.summary}) is running, started from {running.checkout}: "
            "there is one lab a machine; `hack/lab down` ends it"
        )
    if not enough:
        say(f"another version was running ({running.summary}): starting afresh")
        return None
    if not running.complete:
        say("a former `hack/lab up` has not come to its end: starting afresh")
        return None
    wrong = complaints(layout)
    if wrong and wrong.keys() <= set(velero.PIECES):
        # Somebody may just be changing Velero: that is no reason to take the lab away.
        try:
            with step(f"waiting for {', '.join(wrong)}"):
                velero.wait(connect(layout))
            wrong = {}
        except LabError as error:
            say(str(error))
    if not wrong:
        return connect(layout)
    say("the lab does not work: starting afresh")
    for name, complaint in wrong.items():
        say(f"  {name}: {complaint}")
    return None


def change_server_arguments(inside: Inside, wanted: list[str]) -> None:
    """Give Velero's server other arguments when others are asked for."""
    running = Settings.read(inside.layout)
    if running is None or running.server_arguments == wanted:
        return
    with step("restarting Velero with other arguments"):
        velero.set_server_arguments(inside, running.server_arguments, wanted)
        replace(running, server_arguments=wanted).write(inside.layout)
        velero.wait(inside)


def build(*, api_only: bool) -> None:
    """Build the programs and images that the lab consists of."""
    for part in parts.API_ONLY if api_only else parts.ALL:
        parts.ensure(part)
    if not api_only:
        for image in images.catalog():
            images.ensure(image)


def start(layout: Layout, wanted: Settings) -> Inside:
    """Start a lab in an empty state folder and wait until it is ready."""
    with step(f"starting {wanted.summary}"):
        prepare(layout, wanted)
        isolation.start(layout)
        if wanted.api_only:
            inside = await_components(layout, {"kube-apiserver", "kube-controller-manager"})
        else:
            inside = start_velero(layout, wanted)
        replace(Settings.read(layout) or wanted, complete=True).write(layout)
    return inside


def prepare(layout: Layout, wanted: Settings) -> None:
    """Write everything the supervisor and the components read."""
    for folder in (layout.state, layout.logs, layout.run, layout.tools):
        folder.mkdir()
    layout.state.chmod(0o711)
    credentials = control_plane.Credentials(layout.state / "credentials")
    control_plane.make_certificate(credentials)
    kubeconfig.write_all(layout.kubeconfig.parent, credentials.tokens, credentials.certificate)
    etcd, kubernetes = parts.folder(parts.ETCD), parts.folder(parts.KUBERNETES)
    (layout.tools / "kubectl").symlink_to(kubernetes / "kubectl")
    components = control_plane.components(layout, etcd, kubernetes, credentials)
    binds = [Bind(str(layout.run), "/run")]
    missing: list[str] = []
    if wanted.api_only:
        components = [entry for entry in components if entry.name != "kube-scheduler"]
    else:
        (layout.tools / "velero").symlink_to(parts.folder(parts.VELERO) / "velero")
        components += node.components(layout, kubernetes)
        components.append(velero.object_store(layout, parts.folder(parts.S3)))
        binds += node.binds(layout)
        missing = [name for name in node.FOLDERS if not Path(name).exists()]
    replace(wanted, mount_points=missing).write(layout)
    for name in missing:
        Path(name).mkdir()
    if not wanted.api_only:
        cgroup.create()
    Plan(
        components=tuple(components),
        binds=tuple(binds),
        addresses=(f"{control_plane.ADDRESS}/32",),
        report=str(layout.report),
        logs=str(layout.logs),
    ).write(layout.plan)


def start_velero(layout: Layout, wanted: Settings) -> Inside:
    """Load the images while the API server is starting, install Velero, wait until all is ready."""
    await_components(layout, {"containerd"})
    failed: list[LabError] = []
    loading = threading.Thread(target=load_images, args=(layout, failed))
    loading.start()
    inside = await_components(layout, {"kube-apiserver", "kube-controller-manager", "s3"})
    # Before any pod asks for them: an image that is not there yet costs a back-off of ten seconds.
    loading.join()
    if failed:
        raise failed[0]
    velero.install(inside)
    velero.set_server_arguments(inside, [], wanted.server_arguments)
    await_components(layout, {"kube-scheduler", "kubelet"})
    velero.wait(inside)
    return inside


def load_images(layout: Layout, failed: list[LabError]) -> None:
    """Import the lab's own images; what goes wrong is added to `failed`."""
    try:
        for image in images.catalog():
            images.load(images.archive(image), layout.containerd_socket)
    except LabError as error:
        failed.append(error)


def await_components(layout: Layout, names: set[str]) -> Inside:
    """Wait until components are ready; raise LabError when one has ended or the time is up."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        report = Report.read(layout.report)
        started = report.started if report else {}
        if report and all(name in started and started[name].is_ready for name in names):
            inside = Inside(layout, report)
            inside.write_environment()
            return inside
        ended = [name for name, entry in started.items() if entry.exit_code is not None]
        if ended or not isolation.is_running(layout):
            raise LabError("\n".join(ended_message(layout, name) for name in ended or ["supervisor"]))
        if time.monotonic() > deadline:
            late = ", ".join(name for name in sorted(names) if name not in started or not started[name].is_ready)
            raise LabError(f"not ready after {START_SECONDS:.0f} s: {late}; their logs are in {layout.logs}")
        time.sleep(0.05)


def load(layout: Layout, file: Path) -> None:
    """Import an image archive into the lab."""
    if not file.is_file():
        raise LabError(f"{file} is no file: expected an OCI or Docker archive (hack/image makes dist/image.tar)")
    connect(layout)
    images.load(file, layout.containerd_socket)


def down(layout: Layout) -> None:
    """End the lab and delete everything it made on this machine, the caches excepted."""
    with isolation.one_at_a_time(layout):
        if not layout.state.exists():
            say("no lab is running")
            return
        with step("stopping the lab"):
            clear(layout)


def clear(layout: Layout) -> None:
    """End whatever runs and delete whatever lies about; fine with any half of it missing."""
    isolation.stop(layout)
    cgroup.remove()
    settings = Settings.read(layout)
    for name in settings.mount_points if settings else []:
        if Path(name).is_dir():
            Path(name).rmdir()
    if layout.state.exists():
        shutil.rmtree(layout.state)
