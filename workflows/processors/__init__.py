"""One file per label: what the App does when the label is put on."""
