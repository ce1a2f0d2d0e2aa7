"""grpc without its Python half: velero_bridge serves with the core alone, and imports nothing else of the package."""
