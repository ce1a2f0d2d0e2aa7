"""The plugin's half of go-plugin: handshake, socket, log, health, shutdown. It knows nothing of Velero."""
