"""What can go wrong between Velero and a plugin, as exceptions."""


class VeleroBridgeError(Exception):
    """The base of the bridge's own errors."""


class InvalidPluginNameError(VeleroBridgeError, ValueError):
    """A name under which Velero would not accept an action; the text says what is wrong with it."""


class UnknownPluginError(VeleroBridgeError, LookupError):
    """Velero asked for an action that this process has not registered."""


class HandshakeError(VeleroBridgeError):
    """The host asked for something in its handshake that this plugin can't do; the text says what."""
