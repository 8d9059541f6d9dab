"""What issues are to each other: parts of one another, and in each other's way."""

from collections.abc import Callable
from dataclasses import dataclass

from github_app.demo.github.model import Issue, Json, Repository, User
from github_app.demo.github.shapes import issues as shapes
from github_app.demo.github.shapes.repositories import repository as repository_shape
from github_app.demo.github.webhooks import Event, emit
from github_app.demo.github.world import World, invalid, not_found

MOST_PARTS, MOST_BLOCKERS = 100, 50
ONE_PARENT = (
    "An error occurred while adding the sub-issue to the parent issue."
    " Issue may not contain duplicate sub-issues and Sub issue may only have one parent"
)


@dataclass(frozen=True, slots=True)
class Place:
    """An issue, and where it is."""

    repository: Repository
    issue: Issue


class Relating:
    """One repository's issues, as one user relates them to others."""

    def __init__(self, world: World, repository: Repository, by: User) -> None:
        self._world, self._repository, self._by = world, repository, by

    def find(self, number: int) -> Place:
        """Find an issue here, in a repository that has such relations."""
        found = self._repository.issues.get(number)
        if not found or not self._repository.native_sub_issues:
            raise not_found()
        return Place(self._repository, found)

    def parts(self, number: int) -> list[Place]:
        """List the sub-issues of an issue, in their order."""
        return self._places(self._repository.sub_issues.get(self.find(number).issue.number, ()))

    def parent(self, number: int) -> Place:
        """Find what an issue is a part of."""
        found = self._parent_of(self.find(number).issue)
        if not found:
            raise not_found()
        return found

    def add_part(self, number: int, issue_id: int, *, replace_parent: bool = False) -> Issue:
        """Make an issue a part of another."""
        whole, part = self.find(number), self._place(issue_id)
        old = self._parent_of(part.issue)
        if old and not replace_parent:
            raise invalid("Issue", ONE_PARENT)
        parts = self._repository.sub_issues.get(number, ())
        if part.issue.id == whole.issue.id or len(parts) >= MOST_PARTS:
            raise invalid("Issue", f"An issue has at most {MOST_PARTS} sub-issues, and is none of its own")
        if old:
            _drop(old.repository.sub_issues, old.issue.number, issue_id)
        self._repository.sub_issues[number] = (*self._repository.sub_issues.get(number, ()), issue_id)
        self._tell_part("added", whole, part)
        return whole.issue

    def remove_part(self, number: int, issue_id: int) -> Issue:
        """Make an issue no part of another any more."""
        whole = self.find(number)
        if issue_id not in self._repository.sub_issues.get(number, ()):
            raise not_found()
        _drop(self._repository.sub_issues, number, issue_id)
        self._tell_part("removed", whole, self._place(issue_id))
        return whole.issue

    def blockers(self, number: int) -> list[Place]:
        """List what has to be done before an issue."""
        return self._places(self._repository.blocked_by.get(self.find(number).issue.number, ()))

    def add_blocker(self, number: int, issue_id: int) -> Issue:
        """Say that one issue has to wait for another."""
        blocked, blocking = self.find(number), self._place(issue_id)
        known = self._repository.blocked_by.get(number, ())
        if issue_id in (*known, blocked.issue.id) or len(known) >= MOST_BLOCKERS:
            raise invalid("Issue", f"An issue is blocked by at most {MOST_BLOCKERS} others, by each once")
        self._repository.blocked_by[number] = (*known, issue_id)
        self._tell_blocker("added", blocked, blocking)
        return blocked.issue

    def remove_blocker(self, number: int, issue_id: int) -> Issue:
        """Say that it need not wait any more."""
        blocked = self.find(number)
        if issue_id not in self._repository.blocked_by.get(number, ()):
            raise not_found()
        _drop(self._repository.blocked_by, number, issue_id)
        self._tell_blocker("removed", blocked, self._place(issue_id))
        return blocked.issue

    def _places(self, ids: tuple[int, ...]) -> list[Place]:
        everything = {it.issue.id: it for it in self._everywhere(lambda _: True)}
        return [everything[issue_id] for issue_id in ids if issue_id in everything]

    def _place(self, issue_id: int) -> Place:
        for found in self._everywhere(lambda issue: issue.id == issue_id):
            return found
        raise not_found()

    def _everywhere(self, wanted: Callable[[Issue], bool]) -> list[Place]:
        mine = [it for it in self._world.repositories.values() if it.owner.id == self._repository.owner.id]
        return [Place(where, issue) for where in mine for issue in where.issues.values() if wanted(issue)]

    def _parent_of(self, part: Issue) -> Place | None:
        for where in self._world.repositories.values():
            for number, parts in where.sub_issues.items():
                if part.id in parts:
                    return Place(where, where.issues[number])
        return None

    def _tell_part(self, what: str, whole: Place, part: Place) -> None:
        """Tell the repository of the whole, and that of the part."""
        told: Json = self._told("parent_issue", whole) | self._told("sub_issue", part)
        for name, place in (("sub_issue", whole), ("parent_issue", part)):
            other = {"parent_issue_repo": whole} if name == "parent_issue" else {"sub_issue_repo": part}
            more = {key: repository_shape(self._world, it.repository) for key, it in other.items()}
            emit(self._world, Event("sub_issues", f"{name}_{what}", self._by, told | more, place.repository))

    def _tell_blocker(self, what: str, blocked: Place, blocking: Place) -> None:
        told = self._told("blocked_issue", blocked) | self._told("blocking_issue", blocking)
        for name, place, other in (("blocked_by", blocked, blocking), ("blocking", blocking, blocked)):
            key = "blocking_issue_repo" if name == "blocked_by" else "blocked_issue_repo"
            content = told | {key: repository_shape(self._world, other.repository)}
            emit(self._world, Event("issue_dependencies", f"{name}_{what}", self._by, content, place.repository))

    def _told(self, name: str, place: Place) -> Json:
        shown = shapes.issue(self._world, place.repository, place.issue)
        return {name: shown, f"{name}_id": place.issue.id}


def _drop(relations: dict[int, tuple[int, ...]], number: int, issue_id: int) -> None:
    relations[number] = tuple(other for other in relations[number] if other != issue_id)
