"""Who wrote something on GitHub: we ourselves, or somebody, who may do what in this repository now."""

from dataclasses import dataclass, field
from urllib.parse import quote

from activities.github.answers import App, Collaborator, User
from activities.github.client import RepositoryClient
from workflows.model import Actor, Permission

NOBODY = User(0, "ghost")  # GitHub's own stand-in for a deleted account
PERSON = "User"


def actor_of(user: User | None) -> Actor:
    """Name an account as workflows do."""
    author = user or NOBODY
    return Actor(author.id, author.login)


def is_our_bot(us: App, user: User | None) -> bool:
    """Whether an account is our App's; nobody can register a login that ends in `[bot]`."""
    return user is not None and user.type == "Bot" and user.login == f"{us.slug}[bot]"


@dataclass(frozen=True, slots=True)
class Trust:
    """Who is heard, as at the door: people, and the bots that the operator trusts, but never we ourselves."""

    us: App
    bots: frozenset[int] = frozenset()
    """Their user ids."""

    def hears(self, user: User | None) -> bool:
        """Whether what an account does or writes counts."""
        if user is None or is_our_bot(self.us, user):
            return False
        return user.type == PERSON or user.id in self.bots


async def permission_of(repository: RepositoryClient, actor: Actor) -> Permission:
    """Ask what somebody may do in the repository, now, by numeric id."""
    path = f"collaborators/{quote(actor.login, safe='')}/permission"
    answer = await repository.find(path, Collaborator)
    if not answer or not answer.user or answer.user.id != actor.id:
        return Permission.NONE  # the login may be somebody else's by now
    return _permission(answer)


@dataclass(frozen=True, slots=True)
class Permissions:
    """What several people may do, each asked about once."""

    repository: RepositoryClient
    known: dict[Actor, Permission] = field(default_factory=dict[Actor, Permission])

    async def of(self, actor: Actor) -> Permission:
        """Return what somebody may do."""
        if actor not in self.known:
            self.known[actor] = await permission_of(self.repository, actor)
        return self.known[actor]


def _permission(answer: Collaborator) -> Permission:
    """Prefer the role; an organization's own role counts as what it is based on."""
    for name in (answer.role_name.upper(), answer.permission.upper()):
        if name in Permission.__members__:
            return Permission[name]
    return Permission.NONE
