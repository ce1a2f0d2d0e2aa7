"""What the bundle has of `kubernetes.client`; `kubernetes.client.rest` holds the connections."""

from kubernetes.client.configuration import Configuration
from kubernetes.client.exceptions import ApiException

__all__ = ["ApiException", "Configuration"]
