"""REST: pull requests."""

from dataclasses import replace

from github_app.demo.github.landing import merge
from github_app.demo.github.merging import Merging, PullDraft
from github_app.demo.github.model import Issue
from github_app.demo.github.rest.gate import Answer, Ask, Endpoint
from github_app.demo.github.rest.issues import STATES, tracker
from github_app.demo.github.shapes import pulls as shapes
from github_app.demo.github.shapes import repositories
from github_app.demo.github.shapes.pulls import pull_of
from github_app.demo.github.tracker import Edit
from github_app.demo.github.world import RefusedError, invalid


def _merging(ask: Ask) -> Merging:
    return Merging(ask.world, ask.repository, ask.world.bot)


def _pull(ask: Ask) -> Issue:
    return _merging(ask).find(ask.params["number"])


async def _shown(ask: Ask, issue: Issue) -> Answer:
    mergeable = await _merging(ask).mergeable(issue)
    return Answer(200, shapes.full_pull(ask.world, ask.repository, issue, mergeable))


async def create_pull(ask: Ask) -> Answer:
    """Open a pull request."""
    texts = (ask.text("title", "PullRequest"), ask.text("head", "PullRequest"), ask.text("base", "PullRequest"))
    wishes = [bool(ask.body.get(name)) for name in ("draft", "maintainer_can_modify")]
    draft = PullDraft(*texts, ask.body.get("body") or "", *wishes)
    issue = await _merging(ask).open(draft)
    return replace(await _shown(ask, issue), status=201)


async def list_pulls(ask: Ask) -> Answer:
    """List pull requests, newest first, by state, head and base."""
    found = [it for it in ask.repository.issues.values() if it.pull and _wanted(ask, it)]
    page = ask.page(found if ask.query.get("direction") == "asc" else found[::-1])
    return Answer(200, [shapes.bare_pull(ask.world, ask.repository, it) for it in page.items], page.headers)


def _wanted(ask: Ask, issue: Issue) -> bool:
    pull, query = pull_of(issue), ask.query
    owner, colon, branch = query.get("head", "").partition(":")
    source = shapes.head_repository(ask.world, pull)
    if colon and (owner.lower(), branch) != (source.owner.login.lower() if source else "", pull.head):
        return False  # a head without an owner is ignored, as on GitHub
    return query.get("state", "open") in (issue.state, "all") and query.get("base", pull.base) == pull.base


async def get_pull(ask: Ask) -> Answer:
    """Show one pull request."""
    return await _shown(ask, _pull(ask))


async def update_pull(ask: Ask) -> Answer:
    """Change title, text, state or base."""
    body = ask.body
    if body.get("state", "open") not in STATES:
        raise invalid("PullRequest", "state must be open or closed", "state")
    if base := body.get("base"):
        await _merging(ask).retarget(_pull(ask).number, base)
    _pull(ask)
    issue = tracker(ask).edit(ask.params["number"], Edit(body.get("title"), body.get("body"), body.get("state")))
    return await _shown(ask, issue)


async def list_pulls_of_commit(ask: Ask) -> Answer:
    """List the pull requests that a commit belongs to: open ones that bring it, merged ones that brought it."""
    git = ask.world.git(ask.repository)
    sha = await git.resolve(ask.params["ref"])
    if not sha:
        raise RefusedError(422, f"No commit found for SHA: {ask.params['ref']}")
    found: list[Issue] = []
    for issue in ask.repository.issues.values():
        pull = issue.pull
        if pull and (sha == pull.merge_sha or sha in await git.range(pull.base_sha, pull.head_sha)):
            found.append(issue)
    page = ask.page(found)
    return Answer(200, [shapes.bare_pull(ask.world, ask.repository, it) for it in page.items], page.headers)


async def list_files(ask: Ask) -> Answer:
    """List the changed files."""
    pull = pull_of(_pull(ask))
    changes = await ask.world.git(ask.repository).changes(await _merging(ask).merge_base(pull), pull.head_sha)
    page = ask.page(changes)
    return Answer(200, [repositories.file_change(ask.world, ask.repository, it) for it in page.items], page.headers)


async def list_commits(ask: Ask) -> Answer:
    """List the commits, oldest first."""
    pull = pull_of(_pull(ask))
    commits = await ask.world.git(ask.repository).commits(f"{pull.base_sha}..{pull.head_sha}")
    page = ask.page(commits[::-1])
    return Answer(200, [repositories.commit(ask.world, ask.repository, it) for it in page.items], page.headers)


async def request_reviewers(ask: Ask) -> Answer:
    """Ask people for a review."""
    issue, world = _pull(ask), ask.world
    logins: list[str] = ask.body.get("reviewers") or []
    people = [world.user(login) for login in logins]
    if issue.user in people:
        raise RefusedError(422, "Review cannot be requested from pull request author.")
    if not all(who.id in _collaborators(ask) for who in people):
        raise RefusedError(422, "Reviews may only be requested from collaborators.")
    changed = _merging(ask).request_reviews(issue.number, people)
    return Answer(201, shapes.bare_pull(world, ask.repository, changed))


def _collaborators(ask: Ask) -> set[int]:
    return {ask.repository.owner.id, *ask.repository.roles}


async def merge_pull(ask: Ask) -> Answer:
    """Merge."""
    merged = await merge(ask.world, ask.repository, ask.world.bot, _pull(ask).number)
    return Answer(
        200, {"sha": pull_of(merged).merge_sha, "merged": True, "message": "Pull Request successfully merged"}
    )


REPO = "/repos/{owner}/{repo}"
PULLS = REPO + "/pulls"
ENDPOINTS = (
    Endpoint("GET", REPO + "/commits/{ref}/pulls", list_pulls_of_commit, ("pull_requests:read", "contents:read")),
    Endpoint("GET", PULLS, list_pulls, ("pull_requests:read",)),
    Endpoint("POST", PULLS, create_pull, ("pull_requests:write",)),
    Endpoint("GET", PULLS + "/{number:int}", get_pull, ("pull_requests:read", "contents:read")),
    Endpoint("PATCH", PULLS + "/{number:int}", update_pull, ("pull_requests:write",)),
    Endpoint("GET", PULLS + "/{number:int}/files", list_files, ("pull_requests:read",)),
    Endpoint("GET", PULLS + "/{number:int}/commits", list_commits, ("pull_requests:read",)),
    Endpoint("POST", PULLS + "/{number:int}/requested_reviewers", request_reviewers, ("pull_requests:write",)),
    Endpoint("PUT", PULLS + "/{number:int}/merge", merge_pull, ("contents:write",)),
)
