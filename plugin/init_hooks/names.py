"""Names by which Velero and this plugin know what is in a pod."""

# Velero's own annotations: command, container-image, container-name, timeout (internal/hook/item_hook_handler.go).
PREFIX = "init.hook.restore.velero.io/"

# Where we note the names of the hooks that we inject, as a JSON list. It is not under Velero's prefix but under
# the name of this plugin, so that no key which Velero may add one day can meet it.
RECORD = "velero-init-hooks/injected"

GENERATED_NAME_START = "velero-restore-init-"  # of a hook without a name: Velero adds eight hex digits, we a number

RESTORE_HELPERS = ("restore-wait", "restic-wait")  # Velero's pkg/restorehelper; the second before v1.10

RESTORE_NAME_LABEL = "velero.io/restore-name"  # Velero puts it on everything that it restores

PLUGIN_NAME = "velero-init-hooks/inject"  # under which Velero knows this plugin
