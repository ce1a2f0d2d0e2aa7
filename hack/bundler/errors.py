"""What can go wrong in making a bundle."""


class BundleError(Exception):
    """The bundle can't be made, or would not run where Velero runs it; the message says what to do."""
