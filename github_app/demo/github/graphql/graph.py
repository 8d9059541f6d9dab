"""The graph as one token sees it, and what every part of it is made of: plain values, and whoever did something."""

from collections.abc import Callable
from dataclasses import dataclass

from github_app.demo.github import tokens
from github_app.demo.github.graphql.execution import Arguments, Thing
from github_app.demo.github.graphql.parsing import QueryError
from github_app.demo.github.model import Json, Repository, Token, User
from github_app.demo.github.shapes.values import node_id
from github_app.demo.github.world import World

BOT = "[bot]"
Reads = dict[str, Callable[[Arguments], object]]


@dataclass(frozen=True, slots=True)
class Graph:
    """The graph, as one token sees it."""

    world: World
    token: Token
    needed: set[str]
    """Every permission that was asked about."""

    def require(self, *needs: str) -> None:
        """Refuse a token that may not; all of the needs count."""
        self.needed.update(needs)
        if not all(self.token.allows(need) for need in needs):
            raise QueryError("Resource not accessible by integration", "FORBIDDEN")

    @property
    def repositories(self) -> list[Repository]:
        """Every repository that the token reaches."""
        return [it for it in self.world.repositories.values() if tokens.reaches(self.world, self.token, it)]


def actor(graph: Graph, it: User) -> Thing:
    """Show an account; GraphQL leaves the suffix of a bot out."""
    values: Json = {
        "id": node_id("U", it.id),
        "databaseId": it.id,
        "login": it.login.removesuffix(BOT),
        "url": f"{graph.world.url}/{it.login}",
    }
    return Thing(it.type, values_of(values), ("Actor", "Node"))


def values_of(values: Json) -> Reads:
    """Read what is known already."""

    def reading(value: object) -> Callable[[Arguments], object]:
        return lambda _: value

    return {name: reading(value) for name, value in values.items()}
