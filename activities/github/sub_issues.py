"""The parts of a project as issues of their own: opened once, related to it and to each other where GitHub can."""

import re
from urllib.parse import quote, unquote

from githubkit.exception import RequestFailed

from activities.github.answers import RelatedIssue
from activities.github.authors import is_our_bot
from activities.github.calls import Call
from activities.github.client import MISSING, RepositoryClient
from activities.github.errors import status_of
from activities.github.labels import define_missing
from activities.github.paging import wrapped_pages
from activities.github.plan_texts import part_body, part_title
from workflows.model import Item, SubIssue, SubIssueDraft

PART = re.compile(r"<!-- aidp:part v1 of=(\d{1,18}) slug=(\S{1,300}) -->")
NOT_RELATED = MISSING | {422}
"""GitHub has no such relations there, or there are too many, or somebody has made another one: the project's comment
shows them all the same."""


async def open_sub_issue(repository: RepositoryClient, draft: SubIssueDraft) -> SubIssue:
    """Open the issue of a part, or find it, and relate it to the others."""
    parts = await _parts(repository, draft.item.number)
    part = parts.get(draft.part.slug) or await _create(repository, draft)
    await _relate(repository, f"issues/{draft.item.number}/sub_issues", "sub_issue_id", [part.id])
    blockers = [other.id for other in parts.values() if other.number in draft.blocked_by]
    await _relate(repository, f"issues/{part.number}/dependencies/blocked_by", "issue_id", blockers)
    return _sub_issue(draft.part.slug, part)


async def read_sub_issues(repository: RepositoryClient, item: Item) -> tuple[SubIssue, ...]:
    """List the parts of a project, in the order in which they were opened."""
    parts = await _parts(repository, item.number)
    return tuple(_sub_issue(*each) for each in sorted(parts.items(), key=lambda each: each[1].number))


async def _parts(repository: RepositoryClient, number: int) -> dict[str, RelatedIssue]:
    """Find the parts by what we hid in them: the first of each, should a race have made two."""
    us = await repository.clients.identity()
    path = f"issues?state=all&creator={quote(f'{us.slug}[bot]', safe='')}"
    newest_first = await wrapped_pages(repository, path, list[RelatedIssue], list)
    found: dict[str, RelatedIssue] = {}
    for issue in newest_first:
        marker = PART.search(issue.body or "")
        if marker and int(marker[1]) == number and is_our_bot(us, issue.user):
            found[unquote(marker[2])] = issue
    return found


async def _create(repository: RepositoryClient, draft: SubIssueDraft) -> RelatedIssue:
    await define_missing(repository, draft.labels)
    body = {"title": part_title(draft), "body": part_body(draft), "labels": draft.labels}
    return await repository.send(Call("POST", "issues", body), RelatedIssue)


async def _relate(repository: RepositoryClient, path: str, key: str, wanted: list[int]) -> None:
    """Relate issues that are not yet related."""
    if not wanted:
        return
    try:
        related = {issue.id async for issue in repository.pages(path, list[RelatedIssue])}
        for issue_id in wanted:
            if issue_id not in related:
                await repository.send(Call("POST", path, {key: issue_id}), RelatedIssue)
    except RequestFailed as error:
        if status_of(error) not in NOT_RELATED:
            raise


def _sub_issue(slug: str, issue: RelatedIssue) -> SubIssue:
    return SubIssue(slug, issue.number, issue.title, issue.state == "open")
