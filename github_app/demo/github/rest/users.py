"""REST: accounts, as everybody may see them."""

from github_app.demo.github.rest.gate import Answer, Ask, Endpoint
from github_app.demo.github.shapes import accounts


async def get_user(ask: Ask) -> Answer:
    """Show an account."""
    return Answer(200, accounts.full_user(ask.world, ask.world.user(ask.params["username"])))


ENDPOINTS = (Endpoint("GET", "/users/{username}", get_user),)
