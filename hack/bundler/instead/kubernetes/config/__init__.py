"""What the bundle has of `kubernetes.config`: no kubeconfig files, which need YAML, OAuth and requests."""

from kubernetes.config.config_exception import ConfigException
from kubernetes.config.incluster_config import load_incluster_config

__all__ = ["ConfigException", "load_incluster_config"]
