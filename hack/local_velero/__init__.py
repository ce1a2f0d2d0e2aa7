"""A real Velero on this machine: what `hack/lab` does, with the standard library only.

Everything of the lab runs in namespaces of its own (process ids, mounts, network), below one process, the
supervisor. When that one ends, the kernel ends all the others and takes the mounts and the networks away, so that
nothing has to be hunted down, whatever was killed and whenever.
"""
