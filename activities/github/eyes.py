"""Our eyes below comments, which say that a command was taken: REST only counts them, whoever gave them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from activities.github.client import RepositoryClient
from activities.github.graphql import Query, data_of

GROUPS = "groups: reactionGroups { content ours: viewerHasReacted }"
EYES = f"""\
query eyes($comments: [ID!]!) {{
  nodes(ids: $comments) {{
    ... on IssueComment {{ {GROUPS} }}
    ... on PullRequestReviewComment {{ {GROUPS} }}
  }}
}}"""
CONTENT = "EYES"
MOST = 100
"""GitHub takes no more ids at once."""
HIDDEN = frozenset({"NOT_FOUND", "FORBIDDEN"})
"""What is not shown is not to be taken either."""


@dataclass(frozen=True, slots=True)
class Group:
    """All reactions of a kind, and whether one of them is ours: the token's App is who looks."""

    content: str
    ours: bool


@dataclass(frozen=True, slots=True)
class Below:
    """What is below a comment."""

    groups: tuple[Group, ...] | None = None

    @property
    def has_our_eyes(self) -> bool:
        """Whether we have taken it."""
        return any(it.ours and it.content == CONTENT for it in self.groups or ())


@dataclass(frozen=True, slots=True)
class Seen:
    """The answer to the query, in its order; a comment that is gone is null."""

    nodes: tuple[Below | None, ...]


async def taken(github: RepositoryClient, comments: Sequence[str]) -> frozenset[str]:
    """Pick those of these comments that we have taken, and those that are gone; none cost no call."""
    found = set[str]()
    for start in range(0, len(comments), MOST):
        batch = comments[start : start + MOST]
        reply = await github.reply(Query(EYES, {"comments": batch}), Seen)
        nodes = data_of(replace(reply, errors=tuple(it for it in reply.errors if it.type not in HIDDEN))).nodes
        found |= {name for name, node in zip(batch, nodes, strict=True) if not node or node.has_our_eyes}
    return frozenset(found)
