"""The Kubernetes node: containerd and kubelet."""

import json
import subprocess
from pathlib import Path

from local_velero import cgroup
from local_velero.component import Bind, Component, replace_file
from local_velero.control_plane import ADDRESS
from local_velero.kubeconfig import NODE
from local_velero.layout import Layout

POD_RANGE = "10.244.0.0/16"
CNI_PLUGINS = "/usr/lib/cni"
CONTAINERD_ADDRESS = "/run/containerd/containerd.sock"
PAUSE_IMAGE = "velero-init-hooks.local/pause:stand-in"

# Host folders that the node's programs insist on, each shown to them out of the state folder.
FOLDERS = ("/var/lib/kubelet", "/var/lib/cni", "/var/log")

# Kernel settings that kubelet would change for the whole machine: it is shown files that already say what it wants.
KERNEL_SETTINGS = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}


def binds(layout: Layout) -> list[Bind]:
    """Make what the node sees in the place of the machine's own folders and settings; return where it goes."""
    wanted = []
    for folder in FOLDERS:
        source = layout.state / "node" / folder.strip("/").replace("/", "-")
        source.mkdir(parents=True, exist_ok=True)
        wanted.append(Bind(str(source), folder))
    settings = layout.state / "node" / "kernel"
    settings.mkdir()
    for name, value in KERNEL_SETTINGS.items():
        target = Path("/proc/sys") / name
        if target.exists():
            source = settings / name.replace("/", "-")
            source.write_text(value + "\n")
            wanted.append(Bind(str(source), str(target)))
    return wanted


def components(layout: Layout, kubernetes: Path) -> list[Component]:
    """Write the configuration of the node's programs and return them."""
    folder = layout.state / "node"
    network = folder / "cni"
    network.mkdir(parents=True)
    replace_file(network / "10-pods.conflist", json.dumps(pod_network(), indent=1))
    replace_file(folder / "containerd.toml", containerd_configuration(layout.state / "containerd", network))
    replace_file(folder / "kubelet.json", json.dumps(kubelet_configuration(), indent=1))
    return [
        Component(
            "containerd",
            ("/usr/bin/containerd", f"--config={folder / 'containerd.toml'}"),
            ready=f"unix://{CONTAINERD_ADDRESS}",
        ),
        Component(
            "kubelet",
            (
                str(kubernetes / "kubelet"),
                f"--config={folder / 'kubelet.json'}",
                f"--kubeconfig={layout.kubeconfig.parent / 'kubelet'}",
                f"--hostname-override={NODE}",
                f"--node-ip={ADDRESS}",
            ),
            ready="http://127.0.0.1:10248/healthz",
            after=("kube-apiserver", "containerd"),
        ),
    ]


def pod_network() -> dict[str, object]:
    """Return the CNI configuration: a pair of interfaces a pod, a default route to the node, no way out."""
    ipam = {"type": "host-local", "ranges": [[{"subnet": POD_RANGE}]], "routes": [{"dst": "0.0.0.0/0"}]}
    return {"cniVersion": "0.4.0", "name": "lab", "plugins": [{"type": "ptp", "ipam": ipam}]}


def snapshotter(folder: Path) -> str:
    """Return how containerd is to stack layers: an overlay, but not upon another one (inside a container)."""
    command = ["findmnt", "--noheadings", "--output=FSTYPE", f"--target={folder}"]
    kind = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return "native" if kind == "overlay" else "overlayfs"


def containerd_configuration(root: Path, network: Path) -> str:
    """Return containerd's configuration.

    `restrict_oom_score_adj`: without CAP_SYS_RESOURCE runc cannot lower a score. AppArmor's profile would have to be
    loaded into the machine's kernel.
    """
    return f"""version = 2
root = "{root}"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]

[grpc]
address = "{CONTAINERD_ADDRESS}"

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{PAUSE_IMAGE}"
restrict_oom_score_adj = true
disable_apparmor = true
containerd.snapshotter = "{snapshotter(root.parent)}"

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{CNI_PLUGINS}"
conf_dir = "{network}"
"""


def kubelet_configuration() -> dict[str, object]:
    """Return kubelet's configuration. It answers anybody: its network reaches nobody outside the lab."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "containerRuntimeEndpoint": f"unix://{CONTAINERD_ADDRESS}",
        "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
        "authorization": {"mode": "AlwaysAllow"},
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{cgroup.NAME}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "enforceNodeAllocatable": [],
        "clusterDNS": ["10.96.0.10"],
        "clusterDomain": "cluster.local",
        "resolvConf": "",
        "volumePluginDir": "/var/lib/kubelet/volume-plugins",
        # The lab's images cannot be pulled again, and the machine's disk is not the lab's to judge.
        "imageGCHighThresholdPercent": 100,
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
    }
