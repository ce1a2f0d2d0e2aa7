"""The Kubernetes control plane: etcd, API server, controller manager, scheduler."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from local_velero.component import Component
from local_velero.failure import LabError
from local_velero.layout import Layout

# The first address of the service range, on the loopback: pods reach the API server there without kube-proxy.
ADDRESS = "10.96.0.1"
SERVICE_RANGE = "10.96.0.0/16"
ETCD_ADDRESS = "http://127.0.0.1:2379"


@dataclass(frozen=True)
class Credentials:
    """Files that the control plane is given."""

    folder: Path

    @property
    def certificate(self) -> Path:
        """The API server's, signed by itself."""
        return self.folder / "apiserver.crt"

    @property
    def key(self) -> Path:
        """The API server's; it signs the service accounts' tokens too."""
        return self.folder / "apiserver.key"

    @property
    def tokens(self) -> Path:
        """The list of tokens and who they stand for."""
        return self.folder / "tokens.csv"


def make_certificate(credentials: Credentials) -> None:
    """Make the API server's key and certificate, good for as long as a lab may live."""
    credentials.folder.mkdir(mode=0o700)
    names = f"IP:{ADDRESS},IP:127.0.0.1,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=lab"]
    command += [
        "-addext",
        f"subjectAltName={names}",
        "-addext",
        "keyUsage=digitalSignature,keyEncipherment,keyCertSign",
    ]
    command += ["-keyout", str(credentials.key), "-out", str(credentials.certificate)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise LabError(f"openssl could not make the API server's certificate: {result.stderr.strip()}")


def components(layout: Layout, etcd: Path, kubernetes: Path, credentials: Credentials) -> list[Component]:
    """Return the control plane's programs."""
    kubeconfigs = layout.kubeconfig.parent
    return [
        Component("etcd", etcd_command(etcd, layout), ready=f"{ETCD_ADDRESS}/health"),
        Component(
            "kube-apiserver",
            apiserver_command(kubernetes, credentials),
            ready=f"https://{ADDRESS}/readyz",
            after=("etcd",),
        ),
        Component(
            "kube-controller-manager",
            controller_manager_command(kubernetes, kubeconfigs, credentials),
            ready="https://127.0.0.1:10257/healthz",
            after=("kube-apiserver",),
        ),
        Component(
            "kube-scheduler",
            (
                str(kubernetes / "kube-scheduler"),
                f"--kubeconfig={kubeconfigs / 'scheduler'}",
                "--bind-address=127.0.0.1",
                "--leader-elect=false",
            ),
            ready="https://127.0.0.1:10259/healthz",
            after=("kube-apiserver",),
        ),
    ]


def etcd_command(etcd: Path, layout: Layout) -> tuple[str, ...]:
    """Return etcd's command line. Nothing of the lab has to survive a power cut, hence no fsync."""
    return (
        str(etcd / "etcd"),
        f"--data-dir={layout.state / 'etcd'}",
        f"--listen-client-urls={ETCD_ADDRESS}",
        f"--advertise-client-urls={ETCD_ADDRESS}",
        "--listen-peer-urls=http://127.0.0.1:2380",
        "--unsafe-no-fsync",
    )


def apiserver_command(kubernetes: Path, credentials: Credentials) -> tuple[str, ...]:
    """Return the API server's command line."""
    return (
        str(kubernetes / "kube-apiserver"),
        f"--etcd-servers={ETCD_ADDRESS}",
        "--secure-port=443",
        f"--advertise-address={ADDRESS}",
        f"--service-cluster-ip-range={SERVICE_RANGE}",
        f"--tls-cert-file={credentials.certificate}",
        f"--tls-private-key-file={credentials.key}",
        f"--token-auth-file={credentials.tokens}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={credentials.certificate}",
        f"--service-account-signing-key-file={credentials.key}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        "--kubelet-preferred-address-types=InternalIP",
    )


def controller_manager_command(kubernetes: Path, kubeconfigs: Path, credentials: Credentials) -> tuple[str, ...]:
    """Return the controller manager's command line; its rate limits are raised, tests delete many namespaces."""
    return (
        str(kubernetes / "kube-controller-manager"),
        f"--kubeconfig={kubeconfigs / 'controller-manager'}",
        "--bind-address=127.0.0.1",
        "--leader-elect=false",
        f"--root-ca-file={credentials.certificate}",
        f"--service-account-private-key-file={credentials.key}",
        "--use-service-account-credentials",
        "--kube-api-qps=200",
        "--kube-api-burst=400",
    )
