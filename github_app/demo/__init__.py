"""The demo: everything the product meets, on loopback, in one command."""
