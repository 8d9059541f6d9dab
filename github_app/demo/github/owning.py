"""What the owner of a repository does with it: names, owners, archives, visibility; and moves its issues."""

from dataclasses import replace
from typing import Any

from github_app.demo.github.installing import Installing
from github_app.demo.github.model import Issue, Json, Repository, User
from github_app.demo.github.shapes import issues as issue_shapes
from github_app.demo.github.shapes.accounts import user
from github_app.demo.github.shapes.repositories import repository as repository_shape
from github_app.demo.github.tracker import Tracker
from github_app.demo.github.webhooks import Event, emit
from github_app.demo.github.world import World


class Owning:
    """One repository, in the hands of its owner. What it is called may change; its id does not."""

    def __init__(self, world: World, repository: Repository, by: User) -> None:
        self._world, self._repository, self._by = world, repository, by

    def rename(self, name: str) -> Repository:
        """Give it another name; the old one leads here."""
        old = self._repository.name
        self._leave_name()
        return self._change("renamed", {"name": name}, {"changes": {"repository": {"name": {"from": old}}}})

    def transfer(self, owner: User) -> Repository:
        """Give it to somebody else; the App stays with the old owner."""
        old = user(self._world, self._repository.owner)
        if self._world.installation_of(self._repository):
            Installing(self._world).remove(self._repository)
        self._leave_name()
        return self._change("transferred", {"owner": owner}, {"changes": {"owner": {"from": {"user": old}}}})

    def archive(self) -> Repository:
        """Let nothing in it be changed any more."""
        return self._change("archived", {"archived": True}, {})

    def unarchive(self) -> Repository:
        """Let it be changed again."""
        return self._change("unarchived", {"archived": False}, {})

    def publicize(self) -> Repository:
        """Let everybody read it."""
        changed = self._change("publicized", {"private": False}, {})
        emit(self._world, Event("public", None, self._by, {}, changed))
        return changed

    def delete(self) -> None:
        """Delete it."""
        self._tell("deleted", self._repository, {})
        installation = self._world.installation_of(self._repository)
        if installation:
            covered = installation.repository_ids - {self._repository.id}
            self._world.installations[installation.id] = replace(installation, repository_ids=covered)
        del self._world.repositories[self._repository.id]

    def delete_issue(self, number: int) -> None:
        """Delete an issue and its conversation: its number is gone for good."""
        tracker = Tracker(self._world, self._repository, self._by)
        tracker.tell("deleted", tracker.find(number))
        for comment in [it for it in self._repository.comments.values() if it.number == number]:
            del self._repository.comments[comment.id]
        del self._repository.issues[number]
        self._repository.deleted.add(number)

    def transfer_issue(self, number: int, to: Repository) -> Issue:
        """Move an issue to another repository, where it gets another number."""
        tracker = Tracker(self._world, self._repository, self._by)
        old = tracker.find(number)
        new = replace(old, id=self._world.next_id(), number=next(to.numbers))
        to.issues[new.number] = new
        self._take_along(old, (new, to))
        tracker.tell("transferred", old, {"changes": self._changes("new", new, to)})
        del self._repository.issues[number]
        self._repository.moved[number] = (to.id, new.number)
        Tracker(self._world, to, self._by).tell("opened", new, {"changes": self._changes("old", old, self._repository)})
        return new

    def _take_along(self, old: Issue, there: tuple[Issue, Repository]) -> None:
        """Move the conversation, and the labels that the other repository does not know."""
        new, to = there
        for name in old.labels:
            to.labels.setdefault(name.lower(), self._repository.labels[name.lower()])
        for comment in [it for it in self._repository.comments.values() if it.number == old.number]:
            to.comments[comment.id] = replace(comment, number=new.number)
            del self._repository.comments[comment.id]

    def _changes(self, which: str, issue: Issue, where: Repository) -> Json:
        return {
            f"{which}_issue": issue_shapes.issue(self._world, where, issue),
            f"{which}_repository": repository_shape(self._world, where),
        }

    def _leave_name(self) -> None:
        self._world.former_names[self._repository.full_name.lower()] = self._repository.id

    def _change(self, action: str, values: dict[str, Any], more: Json) -> Repository:
        self._repository = replace(self._repository, **values)
        self._world.repositories[self._repository.id] = self._repository
        self._tell(action, self._repository, more)
        return self._repository

    def _tell(self, action: str, repository: Repository, more: Json) -> None:
        emit(self._world, Event("repository", action, self._by, more, repository))
