"""Registering the App with GitHub, once."""
