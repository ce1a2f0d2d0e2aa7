"""What the plugin costs a restore, beside its peers: see hack/bench."""
