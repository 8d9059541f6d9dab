"""The GitHub hand: every call to GitHub's API, each with a token that can do just that."""

import base64
import binascii

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.github import comments, labels, pull_requests, status_texts
from activities.github.answers import Contents, IssueAnswer
from activities.github.authors import actor_of, permission_of
from activities.github.calls import Call
from activities.github.client import Grant, InstallationClients
from activities.github.conversation import Conversation
from activities.github.errors import failed, missing
from activities.github.pull_request_template import read_template
from activities.repo_config import PATH, Known, RepoConfigError, parse
from workflows.model import (
    Authority,
    Failure,
    Issue,
    Item,
    LabelChange,
    Labels,
    Note,
    Permission,
    PullRequest,
    PullRequestDraft,
    RepoConfig,
    Source,
    StatusReport,
)
from workflows.write_slots import Urgency

MAX_TITLE = 300


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
            raise missing(f"#{item.number} does not exist, or was deleted or moved.")
        return _issue(answer)

    @activity.defn
    async def read_permission(self, authority: Authority, /) -> Permission:
        """Ask what an actor may do in the repository, now, by numeric id."""
        async with self._clients.repository(authority.item, Grant.READ_COLLABORATOR) as repository:
            return await permission_of(repository, authority.actor)

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
    async def define_labels(self, source: Source, /) -> None:
        """Make all our labels known to the repository, under the names it has for them."""
        async with self._clients.repository(source, Grant.WRITE_ITEM) as repository:
            await labels.define_all(repository, await self._labels_of(source))

    @activity.defn
    async def write_status(self, report: StatusReport, /) -> int:
        """Write the item's one status comment and return its id."""
        urgency = Urgency.LATER if report.comment_id and not report.outcome else Urgency.NOW
        async with self._clients.repository(report.item, Grant.WRITE_ITEM, urgency) as repository:
            body = status_texts.status(report, await repository.home())
            conversation = Conversation(repository, report.item.number)
            written = await conversation.write(report.comment_id, status_texts.STATUS_MARKER, body)
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
            if found := await pull_requests.find_open(repository, draft.branch):
                return await pull_requests.update_pull_request(repository, found, draft)
        async with self._clients.repository(draft.item, Grant.READ_CODE) as repository:
            template = await read_template(repository)
        async with self._clients.repository(draft.item, Grant.PULL_REQUEST) as repository:
            return await pull_requests.create_pull_request(repository, draft, template)

    async def _labels_of(self, source: Source) -> Labels:
        """Read how the repository names its labels; what is wrong with its configuration is told once it is used."""
        try:
            return (await self.read_repo_config(source)).labels
        except ApplicationError as error:
            if error.type != Failure.CONFIGURATION:
                raise
        return Labels()


def _issue(answer: IssueAnswer) -> Issue:
    return Issue(
        title=answer.title[:MAX_TITLE],
        body=answer.body or "",
        open=answer.state == "open",
        labels=tuple(label.name for label in answer.labels),
        author=actor_of(answer.user),
        url=answer.html_url,
        pull_request=answer.pull_request is not None,
    )


def _text(contents: Contents) -> str:
    if contents.encoding != "base64":
        raise RepoConfigError([f"the file is too large, or not a file (GitHub sends it as {contents.encoding})"])
    try:
        return base64.b64decode(contents.content).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise RepoConfigError(["the file must be UTF-8 text"]) from None
