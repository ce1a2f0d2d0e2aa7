"""The Kubernetes client without its 850 models, which take a second and 40 MB to import, and pydantic for them.

The bundle has the client's in-cluster transport: configuration, token, TLS, retries.
"""
