"""What follows when branches move: the `push` webhook, news for open pull requests, CI."""

from github_app.demo.github import ci
from github_app.demo.github.checks import Push
from github_app.demo.github.git import ZERO
from github_app.demo.github.merging import Merging
from github_app.demo.github.model import Issue, Json, Repository, User
from github_app.demo.github.shapes.pulls import pull_of
from github_app.demo.github.shapes.repositories import html_url, pushed_commit
from github_app.demo.github.threads import carry
from github_app.demo.github.tracker import Edit, Tracker
from github_app.demo.github.webhooks import Event, emit
from github_app.demo.github.world import World

MOST_COMMITS = 20
"""A push tells of no more commits than this."""


def moved(before: dict[str, str], after: dict[str, str]) -> list[Push]:
    """Compare two listings of refs."""
    names = sorted(before.keys() | after.keys())
    pushes = [Push(name, before.get(name, ZERO), after.get(name, ZERO)) for name in names]
    return [push for push in pushes if push.before != push.after]


async def follow(world: World, repository: Repository, by: User, pushes: list[Push]) -> None:
    """Do what GitHub does after a push."""
    for push in pushes:
        repository.pushes.append(world.now())
        await _tell(world, repository, by, push)
        if push.ref.startswith("refs/heads/"):
            await _update_heads(world, repository, by, push)
            await _update_bases(Merging(world, repository, by), _open_pulls(repository), push)
            if push.after != ZERO:
                await ci.start(world, repository, by, push)


async def _tell(world: World, repository: Repository, by: User, push: Push) -> None:
    if not push.ref.startswith(("refs/heads/", "refs/tags/")):
        return
    git = world.git(repository)
    new = push.after if push.before == ZERO else f"{push.before}..{push.after}"
    commits = [] if push.after == ZERO else await git.commits(new, limit=MOST_COMMITS)
    forced = ZERO not in (push.before, push.after) and await git.merge_base(push.before, push.after) != push.before
    head = commits[0] if commits else None if push.after == ZERO else await git.commit(push.after)
    content = _content(push) | {
        "commits": [pushed_commit(world, repository, it) for it in reversed(commits)],
        "head_commit": pushed_commit(world, repository, head) if head else None,
        "forced": forced,
        "compare": f"{html_url(world, repository)}/compare/{push.before[:12]}...{push.after[:12]}",
        "pusher": {"name": by.login, "email": f"{by.login.removesuffix('[bot]')}@users.noreply.github.local"},
    }
    emit(world, Event("push", None, by, content, repository))


def _content(push: Push) -> Json:
    return {
        "ref": push.ref,
        "before": push.before,
        "after": push.after,
        "created": push.before == ZERO,
        "deleted": push.after == ZERO,
        "base_ref": None,
    }


def _open_pulls(repository: Repository) -> list[Issue]:
    return [issue for issue in repository.issues.values() if issue.pull and issue.state == "open"]


async def _update_heads(world: World, source: Repository, by: User, push: Push) -> None:
    """Move the heads of pull requests, here and where this is a fork of."""
    targets = [it for it in world.repositories.values() if it.id in (source.id, source.parent_id)]
    for target in targets:
        for issue in _open_pulls(target):
            pull = pull_of(issue)
            if (pull.head_repository, pull.head) == (source.id, push.branch):
                await _update_head(world, target, by, (issue, push))


async def _update_head(world: World, target: Repository, by: User, news: tuple[Issue, Push]) -> None:
    """Bring a pull request to its new head; one whose branch is deleted is closed."""
    issue, push = news
    if push.after == ZERO:
        Tracker(world, target, by).edit(issue.number, Edit(state="closed"))
        return
    merging = Merging(world, target, by)
    updated = await merging.advance(issue, push)
    threads = [thread for thread in target.threads.values() if thread.number == issue.number]
    await carry(world, target, threads, (push.before, push.after))
    if pull_of(issue).head_repository != target.id:
        await merging.test(updated)


async def _update_bases(merging: Merging, pulls: list[Issue], push: Push) -> None:
    for issue in pulls:
        if pull_of(issue).base == push.branch and push.after != ZERO:
            await merging.rebase(issue, push.branch, push.after)
