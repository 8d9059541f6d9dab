"""The plan hand: the one plan comment of an issue, and the sub-issues and progress of a project."""

import hashlib
from collections.abc import AsyncIterator

from githubkit.exception import RequestFailed
from temporalio import activity

from activities.github.answers import Comment, RelatedIssue
from activities.github.authors import is_our_bot
from activities.github.calls import Call
from activities.github.client import MISSING, Grant, InstallationClients, RepositoryClient
from activities.github.conversation import Conversation
from activities.github.errors import status_of
from activities.github.plan_texts import (
    PLAN_MARKER,
    PROJECT_MARKER,
    part_marker,
    plan_body,
    project_body,
    sub_issue_body,
)
from workflows.model import Item, PlanPost, ProjectPost, SubIssue, SubIssueDraft, WrittenPlan

ALREADY = 422
MAX_TITLE = 256


class PlanActivities:
    """Implements the port `Plans`."""

    def __init__(self, clients: InstallationClients) -> None:
        self._clients = clients

    @activity.defn
    async def write_plan(self, post: PlanPost, /) -> WrittenPlan:
        """Write the plan comment, or bring it up to date."""
        return _written(await self._write(post.item, PLAN_MARKER, plan_body(post)))

    @activity.defn
    async def read_plan(self, item: Item, /) -> WrittenPlan | None:
        """Read the plan comment as it is now, whoever edited it."""
        async with self._clients.repository(item, Grant.READ_ITEM) as repository:
            found = await Conversation(repository, item.number).find(PLAN_MARKER)
        return _written(found) if found else None

    @activity.defn
    async def open_sub_issue(self, draft: SubIssueDraft, /) -> SubIssue:
        """Open an issue for a part of a project, or find the one it has."""
        async with self._clients.repository(draft.item, Grant.WRITE_ITEM) as repository:
            found = await _find_part(repository, draft) or await _open_part(repository, draft)
            await _link(repository, draft, found)
        return SubIssue(draft.part.slug, found.number, found.title, found.state == "open")

    @activity.defn
    async def read_sub_issues(self, item: Item, /) -> tuple[SubIssue, ...]:
        """Read the sub-issues we have opened for a project."""
        async with self._clients.repository(item, Grant.READ_ITEM) as repository:
            parts = [(_slug(item.number, issue), issue) async for issue in _our_issues(repository)]
        return tuple(SubIssue(slug, it.number, it.title, it.state == "open") for slug, it in parts if slug)

    @activity.defn
    async def write_project(self, post: ProjectPost, /) -> int:
        """Write the project's progress comment and return its id."""
        return (await self._write(post.item, PROJECT_MARKER, project_body(post))).id

    async def _write(self, item: Item, marker: str, body: str) -> Comment:
        async with self._clients.repository(item, Grant.WRITE_ITEM) as repository:
            conversation = Conversation(repository, item.number)
            found = await conversation.find(marker)
            return await conversation.update(found, body) if found else await conversation.create(body)


def _written(comment: Comment) -> WrittenPlan:
    digest = hashlib.sha256((comment.body or "").encode()).hexdigest()
    return WrittenPlan(comment.id, digest, comment.html_url)


async def _our_issues(repository: RepositoryClient) -> AsyncIterator[RelatedIssue]:
    """Go through the issues that our App has opened, the newest first."""
    us = await repository.clients.identity()
    path = f"issues?state=all&creator={us.slug}%5Bbot%5D"
    async for issue in repository.pages(path, list[RelatedIssue]):
        if is_our_bot(us, issue.user):
            yield issue


def _slug(number: int, issue: RelatedIssue) -> str:
    """Read whose part an issue is; empty for none of this project."""
    before, marker, after = (issue.body or "").rpartition(part_marker(number, "").removesuffix(" -->"))
    del before
    return after.partition(" ")[0] if marker else ""


async def _find_part(repository: RepositoryClient, draft: SubIssueDraft) -> RelatedIssue | None:
    async for issue in _our_issues(repository):
        if _slug(draft.item.number, issue) == draft.part.slug:
            return issue
    return None


async def _open_part(repository: RepositoryClient, draft: SubIssueDraft) -> RelatedIssue:
    body = {
        "title": " ".join(draft.part.title.split())[:MAX_TITLE],
        "body": sub_issue_body(draft.item.number, draft.part),
        "labels": list(draft.labels),
    }
    return await repository.send(Call("POST", "issues", body), RelatedIssue)


async def _link(repository: RepositoryClient, draft: SubIssueDraft, found: RelatedIssue) -> None:
    """Tie a part to its project and to what it waits for, where this GitHub knows such ties."""
    await _tie(repository, f"issues/{draft.item.number}/sub_issues", {"sub_issue_id": found.id})
    for number in draft.blocked_by:
        before = await repository.get(f"issues/{number}", RelatedIssue)
        await _tie(repository, f"issues/{found.number}/dependencies/blocked_by", {"issue_id": before.id})


async def _tie(repository: RepositoryClient, path: str, body: dict[str, object]) -> None:
    try:
        await repository.send(Call("POST", path, body), object)
    except RequestFailed as error:
        if status_of(error) not in {*MISSING, ALREADY}:  # not known here, or tied already
            raise
