"""The comments of one issue or pull request: our own are found by hidden marker *and* author, never by text alone."""

from dataclasses import dataclass

from githubkit.exception import RequestFailed

from activities.github.answers import App, Comment
from activities.github.authors import is_our_bot
from activities.github.calls import Call
from activities.github.client import MISSING, RepositoryClient
from activities.github.errors import status_of


@dataclass(frozen=True, slots=True)
class Conversation:
    """An item's comments, read and written with a token for them."""

    repository: RepositoryClient
    number: int

    async def find(self, marker: str) -> Comment | None:
        """Find the comment in which we hid this marker; the oldest, should a race have made two."""
        us = await self.repository.clients.identity()
        async for comment in self.repository.pages(f"issues/{self.number}/comments", list[Comment]):
            if marker in (comment.body or "") and written_by(us, comment):
                return comment
        return None

    async def known(self, comment_id: int) -> Comment | None:
        """Read a comment we wrote earlier, unless somebody deleted it."""
        return await self.repository.find(f"issues/comments/{comment_id}", Comment) if comment_id else None

    async def write(self, comment_id: int, marker: str, body: str) -> Comment:
        """Make our one comment with this marker say this: the known one, else the one that is found, else a new one."""
        ours = await self.known(comment_id) or await self.find(marker)
        return await (self.update(ours, body) if ours else self.replace(comment_id, body))

    async def create(self, body: str) -> Comment:
        """Write a new comment."""
        return await self.repository.send(Call("POST", f"issues/{self.number}/comments", {"body": body}), Comment)

    async def replace(self, comment_id: int, body: str) -> Comment:
        """Write what can not be found. What we read may lag behind, so only a refused edit proves that it is gone."""
        if not comment_id:
            return await self.create(body)
        try:
            return await self._edit(comment_id, body)
        except RequestFailed as error:
            if status_of(error) not in MISSING:
                raise
        return await self.create(body)

    async def update(self, comment: Comment, body: str) -> Comment:
        """Make a comment say this; one that already does is left alone."""
        return comment if comment.body == body else await self._edit(comment.id, body)

    async def _edit(self, comment_id: int, body: str) -> Comment:
        return await self.repository.send(Call("PATCH", f"issues/comments/{comment_id}", {"body": body}), Comment)


def written_by(us: App, comment: Comment) -> bool:
    """Whether a comment is our App's; where GitHub does not tell the App, its bot's login does."""
    app = comment.performed_via_github_app
    return app.id == us.id if app else is_our_bot(us, comment.user)
