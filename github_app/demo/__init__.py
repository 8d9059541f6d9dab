"""The demo: everything the product meets, on loopback."""
