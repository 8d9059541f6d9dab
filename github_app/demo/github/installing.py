"""Where the App is installed, and what its owners do about it."""

from collections.abc import Mapping
from dataclasses import replace

from github_app.demo.github.model import Installation, Json, Repository, User
from github_app.demo.github.shapes import accounts
from github_app.demo.github.shapes.repositories import brief_repository
from github_app.demo.github.webhooks import Event, emit
from github_app.demo.github.world import World, not_found


class Installing:
    """The installations, as the accounts that own them handle them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def find(self, owner: User) -> Installation:
        """Find an account's installation."""
        for found in self._world.installations.values():
            if found.account.id == owner.id:
                return found
        raise not_found()

    def add(self, repository: Repository) -> Installation:
        """Install the App on a repository; the first one of an account makes the installation."""
        owner, world = repository.owner, self._world
        if any(it.account.id == owner.id for it in world.installations.values()):
            extended = world.cover(self.find(owner), repository)
            self._tell_change("added", extended, repository)
            return extended
        covered, permissions = frozenset({repository.id}), dict(world.app.permissions)
        created = Installation(world.next_id(), owner, covered, permissions, world.now())
        world.installations[created.id] = created
        self._tell("created", created, {"repositories": [brief_repository(repository)]})
        return created

    def remove(self, repository: Repository) -> None:
        """Take the App off one repository."""
        found = self._world.installation_of(repository)
        if not found:
            raise not_found()
        left = replace(found, repository_ids=found.repository_ids - {repository.id})
        self._world.installations[found.id] = left
        self._tell_change("removed", left, repository)

    def suspend(self, owner: User) -> Installation:
        """Let the App do nothing for now."""
        return self._changed("suspend", self.find(owner), {"suspended_at": self._world.now(), "suspended_by": owner})

    def unsuspend(self, owner: User) -> Installation:
        """Let it go on."""
        return self._changed("unsuspend", self.find(owner), {"suspended_at": None, "suspended_by": None})

    def accept(self, owner: User, permissions: Mapping[str, str]) -> Installation:
        """Accept what the App asks for since it was installed."""
        return self._changed("new_permissions_accepted", self.find(owner), {"permissions": dict(permissions)})

    def uninstall(self, owner: User) -> None:
        """Take the App off an account; its tokens are worth nothing from now on."""
        gone = self.find(owner)
        self._tell("deleted", gone, {"repositories": self._covered(gone)})
        del self._world.installations[gone.id]

    def _changed(self, action: str, it: Installation, values: Json) -> Installation:
        changed = replace(it, **values)
        self._world.installations[it.id] = changed
        self._tell(action, changed, {"repositories": self._covered(changed)})
        return changed

    def _covered(self, it: Installation) -> list[Json]:
        return [brief_repository(self._world.repositories[covered]) for covered in sorted(it.repository_ids)]

    def _tell_change(self, action: str, it: Installation, repository: Repository) -> None:
        lists: Json = {"repositories_added": [], "repositories_removed": []}
        lists[f"repositories_{action}"] = [brief_repository(repository)]
        content = {"repository_selection": "selected", "requester": None, **lists}
        self._emit("installation_repositories", action, it, content)

    def _tell(self, action: str, it: Installation, more: Json) -> None:
        self._emit("installation", action, it, more)

    def _emit(self, name: str, action: str, it: Installation, more: Json) -> None:
        content = {"installation": accounts.installation(self._world, it), **more}
        emit(self._world, Event(name, action, it.account, content, installation_id=it.id))
