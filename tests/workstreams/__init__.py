"""These stories share one server and one host, which end with the last of them."""
