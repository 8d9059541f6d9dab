"""The one pull request of a branch: found if it is open, created as a draft if not."""

from collections.abc import Mapping
from urllib.parse import quote

from githubkit.exception import RequestFailed

from activities.github.answers import PullRequestAnswer
from activities.github.calls import Call
from activities.github.client import RepositoryClient
from activities.github.comments import PULL_REQUEST_MARKER, pull_request_body, pull_request_title
from activities.github.errors import message_of, status_of
from workflows.model import PullRequest, PullRequestDraft

INVALID = 422


async def open_pull_request(repository: RepositoryClient, draft: PullRequestDraft) -> PullRequest:
    """Bring the branch's pull request up to date, or open it."""
    found = await _find(repository, draft.branch)
    answer = await _update(repository, found, draft) if found else await _create(repository, draft)
    return PullRequest(answer.number, answer.html_url, answer.head.sha)


async def _find(repository: RepositoryClient, branch: str) -> PullRequestAnswer | None:
    head = quote(f"{await repository.owner()}:{branch}", safe="")
    answers = await repository.get(f"pulls?state=open&head={head}", list[PullRequestAnswer])
    return answers[0] if answers else None


async def _create(repository: RepositoryClient, draft: PullRequestDraft) -> PullRequestAnswer:
    body = {"head": draft.branch, "base": draft.base, "draft": True, **_texts(draft)}
    try:
        return await repository.send(Call("POST", "pulls", body), PullRequestAnswer)
    except RequestFailed as error:
        if status_of(error) != INVALID:
            raise
        return await _second_try(repository, draft, error)


async def _second_try(
    repository: RepositoryClient, draft: PullRequestDraft, refused: RequestFailed
) -> PullRequestAnswer:
    said = message_of(refused.response.raw_response).lower()
    if "already exists" in said and (found := await _find(repository, draft.branch)):
        return await _update(repository, found, draft)
    if "draft" in said:  # some plans of GitHub have no drafts in private repositories
        body = {"head": draft.branch, "base": draft.base, **_texts(draft)}
        return await repository.send(Call("POST", "pulls", body), PullRequestAnswer)
    raise refused


async def _update(repository: RepositoryClient, found: PullRequestAnswer, draft: PullRequestDraft) -> PullRequestAnswer:
    texts = _texts(draft)
    if not PULL_REQUEST_MARKER.search(found.body or ""):
        return found  # a person opened it, or made its text their own
    if texts == {"title": found.title, "body": found.body}:
        return found
    return await repository.send(Call("PATCH", f"pulls/{found.number}", texts), PullRequestAnswer)


def _texts(draft: PullRequestDraft) -> Mapping[str, str]:
    return {"title": pull_request_title(draft), "body": pull_request_body(draft)}
