"""Velero restore hooks that run as init containers and share the app's volumes."""

__version__ = "0.1.0"
