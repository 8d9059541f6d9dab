"""The GitHub hand for what people write: read a comment and the commands in it, react to it."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime

from githubkit.exception import RequestFailed
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.github.answers import App, User
from activities.github.authors import NOBODY, actor_of, is_our_bot
from activities.github.calls import Call
from activities.github.client import MISSING, Grant, InstallationClients, RepositoryClient
from activities.github.command_lines import read
from activities.github.errors import may_still_appear, missing, status_of
from activities.github.graphql import Query, is_refusal
from workflows.model import CommentRef, ReactionRequest, ReadComment, Surface

EDITED = "The comment was edited after it was written; only new comments are obeyed. Write it again."
GONE = "The comment is gone."
REFUSED = 422
"""GitHub's answer to a reaction that it will not have there."""
REACT = """\
mutation react($subject: ID!, $content: ReactionContent!) {
  addReaction(input: {subjectId: $subject, content: $content}) { reaction { content } }
}"""


@dataclass(frozen=True, slots=True)
class Written:
    """A comment or review as GitHub has it; a review does not say when it was edited."""

    id: int
    node_id: str
    body: str | None = None
    user: User | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    performed_via_github_app: App | None = None


class CommentActivities:
    """Implements the port `Comments`."""

    def __init__(self, clients: InstallationClients) -> None:
        self._clients = clients

    @activity.defn
    async def read_comment(self, comment: CommentRef, /) -> ReadComment:
        """Read a comment as it is now, and the commands in it; our own give none."""
        us = await self._clients.identity()
        async with self._clients.repository(comment.item, _reading(comment)) as repository:
            written = await repository.find(_path(comment), Written)
        if not written and may_still_appear():
            raise missing(GONE)
        if not written:
            return ReadComment(actor_of(NOBODY), flaw=GONE)
        author = actor_of(written.user)
        if _is_ours(us, written):
            return ReadComment(author)
        said = await asyncio.to_thread(read, written.body or "", us.slug)
        flaw = "" if _is_as_created(comment, written) else EDITED
        return ReadComment(author, said.commands, said.dropped, said.mentioned, said.text, flaw)

    @activity.defn
    async def react(self, request: ReactionRequest, /) -> None:
        """React to a comment; one that is gone is let be."""
        comment = request.comment
        async with self._clients.repository(comment.item, _reacting(comment)) as repository:
            if comment.surface is Surface.REVIEW:
                await _react_to_review(repository, request)
            else:
                await _react_to_comment(repository, request)


async def _react_to_comment(repository: RepositoryClient, request: ReactionRequest) -> None:
    call = Call("POST", f"{_path(request.comment)}/reactions", {"content": request.reaction})
    try:
        await repository.send(call, object)
    except RequestFailed as error:
        if status_of(error) not in {*MISSING, REFUSED}:
            raise


async def _react_to_review(repository: RepositoryClient, request: ReactionRequest) -> None:
    """React in the graph, since REST has no reactions to reviews; where GitHub refuses, the reply says enough."""
    review = await repository.find(_path(request.comment), Written)
    if not review:
        return
    query = Query(REACT, {"subject": review.node_id, "content": request.reaction.upper()})
    try:
        await repository.graphql(query, object)
    except ApplicationError as error:
        if not is_refusal(error):
            raise


def _path(comment: CommentRef) -> str:
    match comment.surface:
        case Surface.CONVERSATION:
            return f"issues/comments/{comment.id}"
        case Surface.INLINE:
            return f"pulls/comments/{comment.id}"
        case Surface.REVIEW:
            return f"pulls/{comment.item.number}/reviews/{comment.id}"


def _reading(comment: CommentRef) -> Grant:
    return Grant.READ_ITEM if comment.surface is Surface.CONVERSATION else Grant.READ_PULL_REQUEST


def _reacting(comment: CommentRef) -> Grant:
    return Grant.WRITE_ITEM if comment.surface is Surface.CONVERSATION else Grant.PULL_REQUEST


def _is_ours(us: App, written: Written) -> bool:
    app = written.performed_via_github_app
    return is_our_bot(us, written.user) or (app is not None and app.id == us.id)


def _is_as_created(comment: CommentRef, written: Written) -> bool:
    """Compare with what the webhook brought; without that, a comment must say that nobody has edited it."""
    if comment.digest:
        return hashlib.sha256((written.body or "").encode()).hexdigest() == comment.digest
    return written.created_at is not None and written.created_at == written.updated_at
