"""What the bundle has of `kubernetes.utils` is in its modules."""
