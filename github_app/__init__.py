"""The door: webhooks, settings, the command line and the processes."""
