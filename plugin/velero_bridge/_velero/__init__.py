"""Velero's own services over gRPC, and the one boundary where exceptions become gRPC errors."""
