"""REST: branches, refs and commits, read from the git repository itself."""

from github_app.demo.github import pushes
from github_app.demo.github.checks import Push
from github_app.demo.github.git import ZERO, Git
from github_app.demo.github.model import Json
from github_app.demo.github.rest.gate import Answer, Ask, Endpoint
from github_app.demo.github.shapes import repositories as shapes
from github_app.demo.github.world import LOCAL_CI, RefusedError, not_found

LARGEST_COMPARISON = 250


def _git(ask: Ask) -> Git:
    return ask.world.git(ask.repository)


async def _resolve(ask: Ask, name: str) -> str:
    found = await _git(ask).resolve(name)
    if not found:
        raise not_found()
    return found


async def get_branch(ask: Ask) -> Answer:
    """Show one branch."""
    name = ask.params["branch"]
    refs = await _git(ask).refs(f"refs/heads/{name}")
    if f"refs/heads/{name}" not in refs:
        raise RefusedError(404, "Branch not found")
    commit = await _git(ask).commit(refs[f"refs/heads/{name}"])
    url = f"{shapes.api_url(ask.world, ask.repository)}/branches/{name}"
    body = {
        "name": name,
        "commit": shapes.commit(ask.world, ask.repository, commit),
        "_links": {"self": url, "html": f"{shapes.html_url(ask.world, ask.repository)}/tree/{name}"},
        "protected": name in ask.repository.protected,
        "protection": _protection(ask.repository.protected.get(name)),
        "protection_url": f"{url}/protection",
    }
    return Answer(200, body)


def _protection(contexts: tuple[str, ...] | None) -> Json:
    """Show what of a branch's protection everybody may see who may read the code."""
    asked = contexts or ()
    checks = {
        "enforcement_level": "everyone" if asked else "off",
        "contexts": list(asked),
        "checks": [{"context": name, "app_id": LOCAL_CI.id if name == "test" else None} for name in asked],
    }
    return {"enabled": contexts is not None, "required_status_checks": checks}


def _ref(ask: Ask, ref: str, sha: str) -> Json:
    api = shapes.api_url(ask.world, ask.repository)
    target = {"type": "commit", "sha": sha, "url": f"{api}/git/commits/{sha}"}
    return {"ref": ref, "node_id": f"REF_{ref}", "url": f"{api}/git/{ref}", "object": target}


async def get_ref(ask: Ask) -> Answer:
    """Show one ref, by its name without `refs/`."""
    ref = f"refs/{ask.params['ref']}"
    found = await _git(ask).refs(ref)
    if ref not in found:
        raise not_found()
    return Answer(200, _ref(ask, ref, found[ref]))


async def delete_ref(ask: Ask) -> Answer:
    """Delete a ref, as a push would."""
    ref = f"refs/{ask.params['ref']}"
    found = await _git(ask).refs(ref)
    if ref not in found:
        raise RefusedError(422, "Reference does not exist")
    await _git(ask).move(ref, ZERO, found[ref])
    await pushes.follow(ask.world, ask.repository, ask.world.bot, [Push(ref, found[ref], ZERO)])
    return Answer(204)


async def list_commits(ask: Ask) -> Answer:
    """List the history, newest first."""
    start = await _resolve(ask, ask.query.get("sha") or ask.repository.default_branch)
    page = ask.page(await _git(ask).commits(start))
    return Answer(200, [shapes.commit(ask.world, ask.repository, it) for it in page.items], page.headers)


async def get_commit(ask: Ask) -> Answer:
    """Show one commit with what it changed."""
    commit = await _git(ask).commit(await _resolve(ask, ask.params["ref"]))
    changes = await _git(ask).changes(commit.parents[0], commit.sha) if commit.parents else []
    additions, deletions = sum(it.additions for it in changes), sum(it.deletions for it in changes)
    more = {
        "stats": {"additions": additions, "deletions": deletions, "total": additions + deletions},
        "files": [shapes.file_change(ask.world, ask.repository, it) for it in changes],
    }
    return Answer(200, shapes.commit(ask.world, ask.repository, commit) | more)


async def compare(ask: Ask) -> Answer:
    """Show what one commit has that the other has not."""
    base_name, dots, head_name = ask.params["basehead"].partition("...")
    if not dots:
        raise not_found()
    base, head = await _resolve(ask, base_name), await _resolve(ask, head_name)
    merge_base = await _git(ask).merge_base(base, head)
    if not merge_base:
        raise RefusedError(404, f"No common ancestor between {base_name} and {head_name}.")
    ahead, behind = await _git(ask).count(f"{base}..{head}"), await _git(ask).count(f"{head}..{base}")
    return Answer(
        200,
        await _comparison(ask, (base, merge_base, head))
        | {
            "status": _relation(ahead, behind),
            "ahead_by": ahead,
            "behind_by": behind,
            "total_commits": ahead,
        },
    )


def _relation(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    return "ahead" if ahead else "behind" if behind else "identical"


async def _comparison(ask: Ask, ends: tuple[str, str, str]) -> Json:
    base, merge_base, head = ends
    git, world, repository = _git(ask), ask.world, ask.repository
    html = f"{shapes.html_url(world, repository)}/compare/{base}...{head}"
    commits = await git.commits(f"{base}..{head}", limit=LARGEST_COMPARISON)
    return {
        "url": ask.url,
        "html_url": html,
        "permalink_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "base_commit": shapes.commit(world, repository, await git.commit(base)),
        "merge_base_commit": shapes.commit(world, repository, await git.commit(merge_base)),
        "commits": [shapes.commit(world, repository, it) for it in reversed(commits)],
        "files": [shapes.file_change(world, repository, it) for it in await git.changes(merge_base, head)],
    }


REPO = "/repos/{owner}/{repo}"
ENDPOINTS = (
    Endpoint("GET", REPO + "/branches/{branch:path}", get_branch, ("contents:read",)),
    Endpoint("GET", REPO + "/git/ref/{ref:path}", get_ref, ("contents:read",)),
    Endpoint("DELETE", REPO + "/git/refs/{ref:path}", delete_ref, ("contents:write",)),
    Endpoint("GET", REPO + "/commits", list_commits, ("contents:read",)),
    Endpoint("GET", REPO + "/commits/{ref:path}", get_commit, ("contents:read",)),
    Endpoint("GET", REPO + "/compare/{basehead:path}", compare, ("contents:read",)),
)
