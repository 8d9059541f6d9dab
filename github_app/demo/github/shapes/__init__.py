"""GitHub's JSON, with its field names: what REST answers and webhooks carry."""
