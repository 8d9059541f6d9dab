"""The one query that shows many repositories: which open items carry our labels, what is red, when something happened.

It asks for nothing that takes a right to read code: when something was pushed is shown without, to which branch is not.
"""

from dataclasses import dataclass
from datetime import datetime

from activities.github.threads import Author
from workflows.ci import is_bad
from workflows.model.reconciling import Quota

LABELS, ITEMS = 30, 50
"""Shown of each repository and of each label; what is fuller is read on its own."""
NEWEST = "{field: UPDATED_AT, direction: DESC}"
LATEST = "{field: CREATED_AT, direction: DESC}"
FAILED = frozenset({"FAILURE", "ERROR"})
UNDECIDED = frozenset({"QUEUED", "PENDING", "WAITING", "IN_PROGRESS", "COMPLETED", "EXPECTED"})
"""States of checks and statuses that are no conclusion."""
LOOK = f"""\
query look($ids: [ID!]!, $prefix: String!) {{
  quota: rateLimit {{ limit remaining reset: resetAt }}
  nodes(ids: $ids) {{
    ... on Repository {{
      id
      name: nameWithOwner
      pushed: pushedAt
      labels(first: {LABELS}, query: $prefix) {{
        page: pageInfo {{ more: hasNextPage }}
        nodes {{
          name
          issues(first: {ITEMS}, states: [OPEN]) {{ page: pageInfo {{ more: hasNextPage }} nodes {{ number }} }}
          pulls: pullRequests(first: {ITEMS}, states: [OPEN]) {{
            page: pageInfo {{ more: hasNextPage }}
            nodes {{ number }}
          }}
        }}
      }}
      issues(first: 1, orderBy: {NEWEST}) {{ nodes {{ updated: updatedAt }} }}
      pulls: pullRequests(first: 1, orderBy: {NEWEST}) {{ nodes {{ updated: updatedAt }} }}
      open: pullRequests(first: {ITEMS}, states: [OPEN], orderBy: {LATEST}) {{
        page: pageInfo {{ more: hasNextPage }}
        nodes {{
          number
          base: baseRefName
          head: headRefOid
          author {{ type: __typename login }}
          checks: statusCheckRollup {{
            state
            contexts(first: 1) {{
              runs: checkRunCountsByState {{ state count }}
              statuses: statusContextCountsByState {{ state count }}
            }}
          }}
        }}
      }}
    }}
  }}
}}"""


@dataclass(frozen=True, slots=True)
class Page:
    """Whether a list goes on."""

    more: bool


@dataclass(frozen=True, slots=True)
class Number:
    """An issue or pull request in a list."""

    number: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """A list of them."""

    page: Page
    nodes: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class LabelNode:
    """A label, and the open items that carry it."""

    name: str
    issues: Numbers
    pulls: Numbers

    @property
    def is_cut(self) -> bool:
        """Whether more items carry it."""
        return self.issues.page.more or self.pulls.page.more

    @property
    def numbers(self) -> tuple[int, ...]:
        """The items that are shown."""
        return tuple(it.number for it in (*self.issues.nodes, *self.pulls.nodes))


@dataclass(frozen=True, slots=True)
class LabelNodes:
    """The labels of a repository."""

    page: Page
    nodes: tuple[LabelNode, ...]


@dataclass(frozen=True, slots=True)
class Updated:
    """When something happened on an item."""

    updated: datetime


@dataclass(frozen=True, slots=True)
class Newest:
    """The item on which something happened last, if there is any."""

    nodes: tuple[Updated, ...]

    def is_after(self, time: datetime) -> bool:
        """Whether something has happened since then."""
        return any(node.updated > time for node in self.nodes)


@dataclass(frozen=True, slots=True)
class Count:
    """How many checks are in a state."""

    state: str
    count: int


@dataclass(frozen=True, slots=True)
class Counts:
    """The checks of a commit by their states, without their names."""

    runs: tuple[Count, ...] | None = None
    statuses: tuple[Count, ...] | None = None

    @property
    def failed(self) -> int:
        """How many ended badly."""
        counts = (*(self.runs or ()), *(self.statuses or ()))
        return sum(it.count for it in counts if it.state not in UNDECIDED and is_bad(it.state.lower()))


@dataclass(frozen=True, slots=True)
class ChecksNode:
    """What the checks of a commit come to."""

    state: str
    contexts: Counts


@dataclass(frozen=True, slots=True)
class OpenPull:
    """An open pull request: to where it aims, and who opened it; nobody, if the account was deleted."""

    base: str
    author: Author | None = None
    number: int = 0
    head: str = ""
    checks: ChecksNode | None = None
    """`None` where there are none, and where GitHub does not show them."""

    @property
    def failed(self) -> int:
        """How many checks of its newest commit ended badly; none while all may still become good."""
        return self.checks.contexts.failed if self.checks and self.checks.state in FAILED else 0


@dataclass(frozen=True, slots=True)
class OpenPulls:
    """The open pull requests of a repository, the last opened first."""

    page: Page = Page(more=False)
    nodes: tuple[OpenPull, ...] = ()


@dataclass(frozen=True, slots=True)
class RepositoryNode:
    """A repository in the graph."""

    id: str
    name: str
    labels: LabelNodes
    issues: Newest
    pulls: Newest
    open: OpenPulls = OpenPulls()
    pushed: datetime | None = None
    """Nothing was ever pushed to an empty repository."""

    @property
    def newest(self) -> datetime | None:
        """When something last happened on an issue or pull request."""
        return max((node.updated for node in (*self.issues.nodes, *self.pulls.nodes)), default=None)


@dataclass(frozen=True, slots=True)
class HiddenNode:
    """A repository of which the graph shows only a part."""

    id: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The answer to the query, in its order; a repository that is gone is null."""

    nodes: tuple[RepositoryNode | HiddenNode | None, ...]
    quota: Quota | None = None
