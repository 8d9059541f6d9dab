"""Our replies to review comments: each written once, in its thread, which is then resolved if it is done."""

import re
from collections.abc import AsyncIterator

from githubkit.exception import RequestFailed
from temporalio.exceptions import ApplicationError

from activities.github.answers import Comment, LineComment
from activities.github.authors import is_our_bot
from activities.github.calls import Call
from activities.github.client import MISSING, Grant, InstallationClients, RepositoryClient
from activities.github.comments import hidden
from activities.github.conversation import written_by
from activities.github.errors import status_of
from activities.github.graphql import Query, is_refusal
from activities.github.markdown import closed, marked, quote
from workflows.model import Item, ThreadReplies, ThreadReply

REPLY_MARKER = re.compile(r"<!-- aidp:reply (\d{1,18}) \S* -->")
RESOLVE = """\
mutation resolve($thread: ID!) {
  resolveReviewThread(input: {threadId: $thread}) { thread { isResolved } }
}"""


async def write_replies(repository: RepositoryClient, request: ThreadReplies) -> None:
    """Write the replies that are not there yet."""
    written = await _written(repository, request.item)
    for reply in request.replies:
        if _marker(reply) not in written:
            await _write(repository, request.item, reply)


async def answered_reviews(repository: RepositoryClient, item: Item) -> frozenset[int]:
    """Find the reviews whose text we have replied to."""
    bodies = [body async for body in _conversation_of_ours(repository, item)]
    return frozenset(int(found[1]) for body in bodies for found in REPLY_MARKER.finditer(body))


async def resolve(clients: InstallationClients, item: Item, thread: str) -> None:
    """Resolve a thread; where GitHub does not let us, the reply says enough."""
    try:
        async with clients.repository(item, Grant.SETTLE) as repository:
            await repository.graphql(Query(RESOLVE, {"thread": thread}), object)
    except ApplicationError as error:
        if not is_refusal(error):
            raise


async def _written(repository: RepositoryClient, item: Item) -> frozenset[str]:
    """Find the markers of our replies, in threads and in the conversation."""
    us = await repository.clients.identity()
    comments = repository.pages(f"pulls/{item.number}/comments", list[LineComment])
    in_threads = [comment.body async for comment in comments if is_our_bot(us, comment.user)]
    bodies = [*in_threads, *[body async for body in _conversation_of_ours(repository, item)]]
    return frozenset(found[0] for body in bodies for found in REPLY_MARKER.finditer(body))


async def _conversation_of_ours(repository: RepositoryClient, item: Item) -> AsyncIterator[str]:
    us = await repository.clients.identity()
    async for comment in repository.pages(f"issues/{item.number}/comments", list[Comment]):
        if written_by(us, comment):
            yield comment.body or ""


async def _write(repository: RepositoryClient, item: Item, reply: ThreadReply) -> None:
    body = marked(closed(reply.text), _marker(reply))
    if not reply.comment.thread:
        first_line = reply.comment.text.partition("\n")[0]
        body = f"{quote(first_line)}\n\n{body}"
        await repository.send(Call("POST", f"issues/{item.number}/comments", {"body": body}), object)
        return
    path = f"pulls/{item.number}/comments/{reply.comment.id}/replies"
    try:
        await repository.send(Call("POST", path, {"body": body}), object)
    except RequestFailed as error:
        if status_of(error) not in MISSING:  # somebody deleted what we answer
            raise


def _marker(reply: ThreadReply) -> str:
    return f"<!-- aidp:reply {reply.comment.id} {hidden(reply.key)} -->"
