"""The GitHub hand: every call to GitHub's API, each with a token that can do just that."""

import base64
import binascii
from urllib.parse import quote

from temporalio import activity

from activities.github import comments, labels, pull_requests
from activities.github.answers import Collaborator, Contents, IssueAnswer, User
from activities.github.client import Call, Grant, InstallationClients
from activities.github.conversation import Conversation
from activities.github.errors import failed
from activities.repo_config import PATH, Known, RepoConfigError, parse
from workflows.model import (
    Actor,
    Authority,
    Failure,
    Issue,
    Item,
    LabelChange,
    Note,
    Permission,
    PullRequest,
    PullRequestDraft,
    RepoConfig,
    Source,
    StatusReport,
)

MAX_TITLE = 300
NOBODY = User(0, "ghost")  # GitHub's own stand-in for a deleted account


class GitHubActivities:
    """Implements the port `GitHub`."""

    def __init__(self, clients: InstallationClients, known: Known) -> None:
        self._clients = clients
        self._known = known

    @activity.defn
    async def read_issue(self, item: Item, /) -> Issue:
        """Read the issue or pull request as it is now."""
        async with self._clients.repository(item, Grant.READ_ITEM) as repository:
            answer = await repository.find(f"issues/{item.number}", IssueAnswer)
        if not answer:
            raise failed(Failure.PERMANENT, f"#{item.number} does not exist, or was deleted or moved.")
        return _issue(answer)

    @activity.defn
    async def read_permission(self, authority: Authority, /) -> Permission:
        """Ask what an actor may do in the repository, now, by numeric id."""
        path = f"collaborators/{quote(authority.actor.login, safe='')}/permission"
        async with self._clients.repository(authority.item, Grant.READ_COLLABORATOR) as repository:
            answer = await repository.find(path, Collaborator)
        if not answer or not answer.user or answer.user.id != authority.actor.id:
            return Permission.NONE  # the login may be somebody else's by now
        return _permission(answer)

    @activity.defn
    async def read_repo_config(self, source: Source, /) -> RepoConfig:
        """Read `.aidp/aidp.yml` of the default branch; raises `Failure.CONFIGURATION` with what is wrong where."""
        async with self._clients.repository(source, Grant.READ_CODE) as repository:
            answer = await repository.find(f"contents/{PATH}", Contents)
        try:
            return parse(_text(answer) if answer else "", self._known)
        except RepoConfigError as error:
            raise failed(Failure.CONFIGURATION, comments.configuration_problems(PATH, error.problems)) from error

    @activity.defn
    async def add_eyes(self, item: Item, /) -> None:
        """React with 👀 to say that the item was seen; GitHub keeps one of a kind."""
        async with self._clients.repository(item, Grant.WRITE_ITEM) as repository:
            await repository.send(Call("POST", f"issues/{item.number}/reactions", {"content": "eyes"}), object)

    @activity.defn
    async def change_labels(self, change: LabelChange, /) -> None:
        """Add and remove labels; what is already so stays so."""
        async with self._clients.repository(change.item, Grant.WRITE_ITEM) as repository:
            await labels.change_labels(repository, change)

    @activity.defn
    async def write_status(self, report: StatusReport, /) -> int:
        """Write the item's one status comment and return its id."""
        body = comments.status(report)
        async with self._clients.repository(report.item, Grant.WRITE_ITEM) as repository:
            conversation = Conversation(repository, report.item.number)
            ours = await conversation.known(report.comment_id) or await conversation.find(comments.STATUS_MARKER)
            written = await conversation.update(ours, body) if ours else await conversation.create(body)
        return written.id

    @activity.defn
    async def write_note(self, note: Note, /) -> None:
        """Write a comment, unless one with the same key is there."""
        marker = comments.note_marker(note.key)
        async with self._clients.repository(note.item, Grant.WRITE_ITEM) as repository:
            conversation = Conversation(repository, note.item.number)
            if not await conversation.find(marker):
                await conversation.create(comments.note(note, marker))

    @activity.defn
    async def open_pull_request(self, draft: PullRequestDraft, /) -> PullRequest:
        """Open a draft pull request, or bring the open one of the same branch up to date."""
        async with self._clients.repository(draft.item, Grant.PULL_REQUEST) as repository:
            return await pull_requests.open_pull_request(repository, draft)


def _issue(answer: IssueAnswer) -> Issue:
    author = answer.user or NOBODY
    return Issue(
        title=answer.title[:MAX_TITLE],
        body=answer.body or "",
        open=answer.state == "open",
        labels=tuple(label.name for label in answer.labels),
        author=Actor(author.id, author.login),
        url=answer.html_url,
    )


def _permission(answer: Collaborator) -> Permission:
    """Prefer the role; an organization's own role counts as what it is based on."""
    for name in (answer.role_name.upper(), answer.permission.upper()):
        if name in Permission.__members__:
            return Permission[name]
    return Permission.NONE


def _text(contents: Contents) -> str:
    if contents.encoding != "base64":
        raise RepoConfigError([f"the file is too large, or not a file (GitHub sends it as {contents.encoding})"])
    try:
        return base64.b64decode(contents.content).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise RepoConfigError(["the file must be UTF-8 text"]) from None
