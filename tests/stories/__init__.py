"""The stories share one world, which ends with the last of them."""
