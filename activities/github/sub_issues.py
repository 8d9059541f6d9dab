"""The parts of a project as issues of their own: opened once, related to it and to each other where GitHub can."""

import re
from collections.abc import Mapping
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
"""They are related already, or GitHub has no such relations there, or too many: the project's comment shows them."""


async def open_sub_issue(repository: RepositoryClient, draft: SubIssueDraft) -> SubIssue:
    """Open the issue of a part, or find it, and relate it to the others."""
    parts = await _parts(repository, draft.item.number)
    part = parts.get(draft.part.slug) or await _create(repository, draft)
    await _relate(repository, f"issues/{draft.item.number}/sub_issues", {"sub_issue_id": part.id})
    for number in draft.blocked_by:
        other = await repository.get(f"issues/{number}", RelatedIssue)
        await _relate(repository, f"issues/{part.number}/dependencies/blocked_by", {"issue_id": other.id})
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


async def _relate(repository: RepositoryClient, path: str, other: Mapping[str, int]) -> None:
    """Relate two issues; GitHub refuses what they are already."""
    try:
        await repository.send(Call("POST", path, other), RelatedIssue)
    except RequestFailed as error:
        if status_of(error) not in NOT_RELATED:
            raise


def _sub_issue(slug: str, issue: RelatedIssue) -> SubIssue:
    return SubIssue(slug, issue.number, issue.title, issue.state == "open")
