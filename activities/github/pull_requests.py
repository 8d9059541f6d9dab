"""The one pull request of a branch: found if it is open, created if not; and what can be done to any."""

import re
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote

from githubkit.exception import RequestFailed
from temporalio.exceptions import ApplicationError

from activities.github.answers import App, CommitAnswer, PullRequestAnswer
from activities.github.authors import actor_of, is_our_bot
from activities.github.calls import Call
from activities.github.client import MISSING, RepositoryClient
from activities.github.comments import PULL_REQUEST_MARKER, pull_request_body, pull_request_title
from activities.github.errors import failed, message_of, missing, status_of
from activities.github.graphql import Query
from workflows.model import Actor, Failure, Item, PullRequest, PullRequestDraft, PullRequestState

INVALID = 422
NEWEST = 10
OURS_BEGINS = "<!-- aidp:begin -->"
"""Stands between the repository's template and our text."""
LISTS_LAG = timedelta(seconds=5)
NOT_LISTED_YET = "GitHub has a pull request of this branch, and does not list it yet."
UNSEEN = re.compile(r"\bhead invalid\b|\b(head|base)[ _]sha\b|\bno commits between\b")
"""GitHub's words for a branch that its API does not know as it was pushed; which may be a moment ago."""
NOT_OPENED = "GitHub opens no pull request from `{branch}` to `{base}`, although the branch was pushed: {said}"
MARK_READY = """\
mutation markReady($pullRequest: ID!) {
  markPullRequestReadyForReview(input: {pullRequestId: $pullRequest}) { pullRequest { isDraft } }
}"""


async def find_open(repository: RepositoryClient, branch: str) -> PullRequestAnswer | None:
    """Find the open pull request of a branch."""
    head = quote(f"{await repository.owner()}:{branch}", safe="")
    answers = await repository.get(f"pulls?state=open&head={head}", list[PullRequestAnswer])
    return answers[0] if answers else None


async def create_pull_request(repository: RepositoryClient, draft: PullRequestDraft, template: str) -> PullRequest:
    """Open the branch's pull request below the repository's template."""
    body = {"head": draft.branch, "base": draft.base, "draft": not draft.ready, **_texts(draft, template)}
    try:
        return _opened(await repository.send(Call("POST", "pulls", body), PullRequestAnswer))
    except RequestFailed as error:
        if found := await _opened_meanwhile(repository, draft, error):
            return found
        if UNSEEN.search(_said(error)):
            raise _unseen(draft, error) from None
        if "draft" not in _said(error):  # some plans of GitHub have no drafts in private repositories
            raise
    return _opened(await repository.send(Call("POST", "pulls", {**body, "draft": False}), PullRequestAnswer))


async def update_pull_request(
    repository: RepositoryClient, found: PullRequestAnswer, draft: PullRequestDraft
) -> PullRequest:
    """Bring a pull request up to date, unless a person opened it or made its text their own."""
    body = found.body or ""
    template, begun, _ = body.partition(OURS_BEGINS)
    texts = _texts(draft, template.rstrip() if begun else "")  # with the boxes that people have ticked
    if not PULL_REQUEST_MARKER.search(body) or texts == {"title": found.title, "body": body}:
        return _opened(found)
    return _opened(await repository.send(Call("PATCH", f"pulls/{found.number}", texts), PullRequestAnswer))


async def read_pull_request(repository: RepositoryClient, item: Item) -> PullRequestAnswer:
    """Read a pull request that must be there."""
    if answer := await repository.find(f"pulls/{item.number}", PullRequestAnswer):
        return answer
    raise missing(f"#{item.number} is no pull request, or was deleted.")


async def newest_commits(repository: RepositoryClient, item: Item) -> tuple[str, ...]:
    """List the last commits of a pull request; a plain issue has none."""
    try:
        shas = [commit.sha async for commit in repository.pages(f"pulls/{item.number}/commits", list[CommitAnswer])]
    except RequestFailed as error:
        if status_of(error) in MISSING:
            return ()
        raise
    return tuple(shas[-NEWEST:])


def state_of(answer: PullRequestAnswer, us: App) -> PullRequestState:
    """Say what a pull request is; it is ours if our App opened it and nobody took our marker out."""
    markers = PULL_REQUEST_MARKER.findall(answer.body or "")
    ours = bool(markers) and is_our_bot(us, answer.user)
    return PullRequestState(
        number=answer.number,
        title=answer.title,
        body=answer.body or "",
        open=answer.state == "open",
        merged=answer.merged,
        draft=answer.draft,
        author=actor_of(answer.user),
        head_branch=answer.head.ref,
        head_sha=answer.head.sha,
        base_branch=answer.base.ref,
        base_sha=answer.base.sha,
        url=answer.html_url,
        labels=tuple(label.name for label in answer.labels),
        fork=answer.head.repo is None or answer.head.repo != answer.base.repo,
        ours=ours,
        issue=int(markers[-1] or 0) if ours else 0,
        conflicts=None if answer.mergeable is None else not answer.mergeable,
    )


async def mark_ready(repository: RepositoryClient, item: Item) -> None:
    """End a draft."""
    answer = await read_pull_request(repository, item)
    if answer.draft:
        await repository.graphql(Query(MARK_READY, {"pullRequest": answer.node_id}), object)


async def request_reviewer(repository: RepositoryClient, item: Item, reviewer: Actor) -> None:
    """Ask for a review whoever can be asked."""
    answer = await read_pull_request(repository, item)
    involved = {user.id for user in (answer.user, *answer.requested_reviewers) if user}
    if reviewer.id in involved:
        return
    try:
        body = {"reviewers": [reviewer.login]}
        await repository.send(Call("POST", f"pulls/{item.number}/requested_reviewers", body), object)
    except RequestFailed as error:
        if status_of(error) != INVALID:  # no collaborator, or a bot
            raise


async def _opened_meanwhile(
    repository: RepositoryClient, draft: PullRequestDraft, refused: RequestFailed
) -> PullRequest | None:
    """Take what an attempt that seemed to fail has left."""
    if "already exists" not in _said(refused):
        return None
    if found := await find_open(repository, draft.branch):
        return await update_pull_request(repository, found, draft)
    raise failed(Failure.TRANSIENT, NOT_LISTED_YET, LISTS_LAG)


def _unseen(draft: PullRequestDraft, refused: RequestFailed) -> ApplicationError:
    said = message_of(refused.response.raw_response)
    return missing(NOT_OPENED.format(branch=draft.branch, base=draft.base, said=said))


def _said(refused: RequestFailed) -> str:
    return message_of(refused.response.raw_response).lower() if status_of(refused) == INVALID else ""


def _texts(draft: PullRequestDraft, template: str) -> Mapping[str, str]:
    above = f"{template}\n\n{OURS_BEGINS}\n\n" if template else ""
    return {"title": pull_request_title(draft), "body": pull_request_body(draft, above)}


def _opened(answer: PullRequestAnswer) -> PullRequest:
    return PullRequest(answer.number, answer.html_url, answer.head.sha)
