"""Who may talk to the API server: one token and one kubeconfig for each."""

import base64
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from local_velero.component import replace_file

SERVER = "https://10.96.0.1"
NODE = "lab"


@dataclass(frozen=True)
class Account:
    """A user that the API server knows by a token."""

    name: str
    user: str
    group: str


ACCOUNTS = (
    Account("admin", "admin", "system:masters"),
    Account("controller-manager", "system:kube-controller-manager", ""),
    Account("scheduler", "system:kube-scheduler", ""),
    Account("kubelet", f"system:node:{NODE}", "system:nodes"),
)


def write_all(folder: Path, tokens: Path, certificate: Path) -> None:
    """Write a kubeconfig for each account, and the API server's list of tokens."""
    folder.mkdir(mode=0o700)
    lines = []
    authority = base64.b64encode(certificate.read_bytes()).decode()
    for account in ACCOUNTS:
        token = secrets.token_hex(16)
        lines.append(f'{token},{account.user},{account.user},"{account.group}"')
        replace_file(folder / account.name, json.dumps(kubeconfig(account, token, authority), indent=1), 0o600)
    replace_file(tokens, "\n".join(lines) + "\n", 0o600)


def kubeconfig(account: Account, token: str, authority: str) -> dict[str, object]:
    """Return a kubeconfig (JSON is YAML)."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "lab", "cluster": {"server": SERVER, "certificate-authority-data": authority}}],
        "users": [{"name": account.name, "user": {"token": token}}],
        "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": account.name}}],
        "current-context": "lab",
    }
