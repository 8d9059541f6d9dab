"""Reactions in the graph, which has them also for reviews; REST has not."""

from github_app.demo.github.graphql.execution import Arguments, Thing, connection
from github_app.demo.github.graphql.graph import Graph, Reads, actor, values_of
from github_app.demo.github.model import Reaction, Repository
from github_app.demo.github.shapes.values import node_id, stamp

CONTENTS = {
    "THUMBS_UP": "+1",
    "THUMBS_DOWN": "-1",
    "LAUGH": "laugh",
    "HOORAY": "hooray",
    "CONFUSED": "confused",
    "HEART": "heart",
    "ROCKET": "rocket",
    "EYES": "eyes",
}
"""The graph's names, and those of REST."""
NAMES = {content: name for name, content in CONTENTS.items()}

Subject = tuple[str, int]


def reactions_of(graph: Graph, found: Repository, subject: Subject) -> Reads:
    """Read the reactions to something, one by one and in groups."""

    def one_by_one(wanted: Arguments) -> Thing:
        content = CONTENTS.get(wanted.get("content") or "")
        given = [it for it in _given(found, subject) if content in (None, it.content)]
        return connection("reactions", [reaction(graph, it) for it in given], wanted)

    return {"reactions": one_by_one, "reactionGroups": lambda _: reaction_groups(graph, found, subject)}


def reaction(graph: Graph, it: Reaction) -> Thing:
    """Show one reaction; the graph names people only."""
    values = {"id": node_id("RE", it.id), "databaseId": it.id, "createdAt": stamp(it.created_at)}
    reads: Reads = {
        **values_of({**values, "content": NAMES[it.content]}),
        "user": lambda _: actor(graph, it.user) if it.user.type == "User" else None,
    }
    return Thing("Reaction", reads, ("Node",))


def reaction_groups(graph: Graph, found: Repository, subject: Subject) -> list[Thing]:
    """Show who gave which reaction; kinds that nobody gave are there too."""
    given = _given(found, subject)
    return [_group(graph, name, [it for it in given if it.content == content]) for name, content in CONTENTS.items()]


def _group(graph: Graph, name: str, given: list[Reaction]) -> Thing:
    first = stamp(given[0].created_at) if given else None
    by_viewer = any(it.user == graph.world.bot for it in given)
    reads: Reads = {
        **values_of({"content": name, "createdAt": first, "viewerHasReacted": by_viewer}),
        "reactors": lambda wanted: connection("reactors", [actor(graph, it.user) for it in given], wanted),
    }
    return Thing("ReactionGroup", reads)


def _given(found: Repository, subject: Subject) -> list[Reaction]:
    return [it for it in found.reactions.values() if it.subject == subject]
