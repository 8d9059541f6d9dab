"""What can be done to issues, comments, labels and reactions, by people and by the App; each change is told."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from github_app.demo.github.model import Comment, Issue, IssueEvent, Json, Label, Reaction, Repository, User
from github_app.demo.github.shapes import issues as shapes
from github_app.demo.github.shapes.pulls import full_pull
from github_app.demo.github.webhooks import Event, emit
from github_app.demo.github.world import MovedError, RefusedError, World, not_found


@dataclass(frozen=True, slots=True)
class Draft:
    """An issue to be opened."""

    title: str
    body: str = ""
    labels: tuple[str, ...] = ()
    assignees: tuple[User, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """New values for an issue; what is `None` stays."""

    title: str | None = None
    body: str | None = None
    state: str | None = None
    state_reason: str | None = None


class Tracker:
    """One repository's issues, handled by one user."""

    def __init__(self, world: World, repository: Repository, by: User) -> None:
        self._world, self._repository, self._by = world, repository, by

    # --- issues -------------------------------------------------------------------------------------------------------

    def find(self, number: int) -> Issue:
        """Find an issue or pull request."""
        if found := self._repository.issues.get(number):
            return found
        if number in self._repository.deleted:
            raise RefusedError(410, "This issue was deleted")
        if there := self._repository.moved.get(number):
            raise MovedError(f"{self._world.url}/repositories/{there[0]}/issues/{there[1]}")
        raise not_found()

    def open(self, draft: Draft) -> Issue:
        """Open an issue."""
        now = self._world.now()
        number, identity = next(self._repository.numbers), self._world.next_id()
        issue = Issue(identity, number, draft.title, draft.body, self._by, now, now, assignees=draft.assignees)
        self._repository.issues[number] = issue
        self.tell("opened", issue)
        return self.add_labels(number, draft.labels)

    def edit(self, number: int, edit: Edit) -> Issue:
        """Change title, text or state."""
        issue = self.find(number)
        if edit.state and edit.state != issue.state:
            issue = self._set_state(issue, edit)
        title = issue.title if edit.title is None else edit.title
        body = issue.body if edit.body is None else edit.body
        before = {"title": issue.title, "body": issue.body}
        changes = {name: {"from": old} for name, old in before.items() if old != {"title": title, "body": body}[name]}
        if not changes:
            return issue
        issue = self.save(replace(issue, title=title, body=body))
        self.tell("edited", issue, {"changes": changes})
        return issue

    def _set_state(self, issue: Issue, edit: Edit) -> Issue:
        if edit.state == "open":
            opened = replace(issue, state="open", state_reason="reopened", closed_at=None, closed_by=None)
            issue = self._note("reopened", opened)
            self.tell("reopened", issue)
            return issue
        reason = None if issue.pull else edit.state_reason or "completed"
        closed = replace(issue, state="closed", state_reason=reason, closed_at=self._world.now(), closed_by=self._by)
        issue = self._note("closed", closed)
        self.tell("closed", issue)
        return issue

    def _note(self, action: str, issue: Issue, label: Label | None = None) -> Issue:
        event = IssueEvent(self._world.next_id(), action, self._by, self._world.now(), label)
        return self.save(replace(issue, events=(*issue.events, event)))

    def save(self, issue: Issue) -> Issue:
        """Remember an issue as it is now."""
        issue = replace(issue, updated_at=self._world.now())
        self._repository.issues[issue.number] = issue
        return issue

    def tell(self, action: str, issue: Issue, more: Json | None = None) -> None:
        """Send the `issues` webhook, or `pull_request` when it is one."""
        if issue.pull:
            pull = full_pull(self._world, self._repository, issue, None)
            content, name = {"number": issue.number, "pull_request": pull}, "pull_request"
        else:
            content, name = {"issue": shapes.issue(self._world, self._repository, issue)}, "issues"
        emit(self._world, Event(name, action, self._by, content | (more or {}), self._repository))

    # --- labels -------------------------------------------------------------------------------------------------------

    def create_label(self, name: str, color: str = "ededed", description: str | None = None) -> Label:
        """Make a label known to the repository."""
        if name.lower() in self._repository.labels:
            conflict = {"resource": "Label", "code": "already_exists", "field": "name"}
            raise RefusedError(422, "Validation Failed", conflict)
        label = Label(self._world.next_id(), name, color, description)
        self._repository.labels[name.lower()] = label
        self._tell_label("created", label)
        return label

    def _tell_label(self, action: str, label: Label) -> None:
        content = {"label": shapes.label(self._world, self._repository, label)}
        emit(self._world, Event("label", action, self._by, content, self._repository))

    def add_labels(self, number: int, names: Iterable[str]) -> Issue:
        """Put labels on an issue; one that is there already is not told again."""
        issue = self.find(number)
        for name in names:
            label = self._repository.labels.get(name.lower()) or self.create_label(name)
            if label.name not in issue.labels:
                issue = self._change_labels("labeled", replace(issue, labels=(*issue.labels, label.name)), label)
        return issue

    def remove_label(self, number: int, name: str) -> Issue:
        """Take a label off an issue."""
        issue, label = self.find(number), self._repository.labels.get(name.lower())
        if not label or label.name not in issue.labels:
            raise RefusedError(404, "Label does not exist")
        rest = tuple(other for other in issue.labels if other != label.name)
        return self._change_labels("unlabeled", replace(issue, labels=rest), label)

    def set_labels(self, number: int, names: Iterable[str]) -> Issue:
        """Leave exactly these labels on an issue."""
        wanted = {name.lower(): name for name in names}
        for name in self.find(number).labels:
            if name.lower() not in wanted:
                self.remove_label(number, name)
        return self.add_labels(number, wanted.values())

    def _change_labels(self, action: str, issue: Issue, label: Label) -> Issue:
        issue = self._note(action, issue, label)
        self.tell(action, issue, {"label": shapes.label(self._world, self._repository, label)})
        return issue

    # --- comments and reactions ---------------------------------------------------------------------------------------

    def find_comment(self, comment_id: int) -> Comment:
        """Find a comment."""
        if found := self._repository.comments.get(comment_id):
            return found
        raise not_found()

    def comment(self, number: int, body: str) -> Comment:
        """Write a comment."""
        self.save(self.find(number))
        now = self._world.now()
        comment = Comment(self._world.next_id(), number, self._by, body, now, now)
        self._repository.comments[comment.id] = comment
        self._tell_comment("created", comment)
        return comment

    def edit_comment(self, comment_id: int, body: str) -> Comment:
        """Change the text of a comment."""
        before = self.find_comment(comment_id)
        comment = replace(before, body=body, updated_at=self._world.now())
        self._repository.comments[comment_id] = comment
        self._tell_comment("edited", comment, {"changes": {"body": {"from": before.body}}})
        return comment

    def delete_comment(self, comment_id: int) -> None:
        """Delete a comment."""
        comment = self.find_comment(comment_id)
        del self._repository.comments[comment_id]
        self._tell_comment("deleted", comment)

    def _tell_comment(self, action: str, comment: Comment, more: Json | None = None) -> None:
        issue = shapes.issue(self._world, self._repository, self.find(comment.number))
        content = {"issue": issue, "comment": shapes.comment(self._world, self._repository, comment)}
        emit(self._world, Event("issue_comment", action, self._by, content | (more or {}), self._repository))

    def react(self, subject: tuple[str, int], content: str) -> tuple[Reaction, bool]:
        """React to an issue or comment; also say whether this is new."""
        for given in self._repository.reactions.values():
            if (given.subject, given.user, given.content) == (subject, self._by, content):
                return given, False
        reaction = Reaction(self._world.next_id(), subject, self._by, content, self._world.now())
        self._repository.reactions[reaction.id] = reaction
        return reaction, True
