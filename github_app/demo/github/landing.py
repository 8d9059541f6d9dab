"""Merging pull requests, and what follows from it."""

import re
from dataclasses import replace

from github_app.demo.github import pushes
from github_app.demo.github.checks import Push
from github_app.demo.github.merging import Merging
from github_app.demo.github.model import Issue, Repository, User
from github_app.demo.github.shapes.pulls import head_repository, pull_of
from github_app.demo.github.tracker import Edit, Tracker
from github_app.demo.github.world import RefusedError, World

CLOSES = re.compile(r"\b(?:close|fix|resolve)(?:[sd]|es|ed)?:?\s+#(\d+)", re.IGNORECASE)


async def merge(world: World, repository: Repository, by: User, number: int) -> Issue:
    """Merge with a merge commit; what the text says it fixes is closed."""
    async with world.pushing:
        return await _merge(world, repository, by, number)


async def _merge(world: World, repository: Repository, by: User, number: int) -> Issue:
    issue, tracker = Merging(world, repository, by).find(number), Tracker(world, repository, by)
    pull, sha = pull_of(issue), await _write_merge(world, repository, issue)
    done = replace(pull, merged_at=world.now(), merged_by=by, merge_sha=sha)
    tracker.save(replace(issue, pull=done))
    merged = tracker.edit(number, Edit(state="closed"))
    await pushes.follow(world, repository, by, [Push(f"refs/heads/{pull.base}", pull.base_sha, sha)])
    if pull.base == repository.default_branch:
        _close_fixed(tracker, repository, merged)
    return merged


async def _write_merge(world: World, repository: Repository, issue: Issue) -> str:
    pull, git, tree = pull_of(issue), world.git(repository), None
    if issue.state == "open" and not pull.draft:
        tree = await git.merge_tree(pull.base_sha, pull.head_sha)
    if not tree:
        raise RefusedError(405, "Pull Request is not mergeable")
    source = head_repository(world, pull) or repository
    message = f"Merge pull request #{issue.number} from {source.owner.login}/{pull.head}\n\n{issue.title}\n"
    sha = await git.write_merge(tree, (pull.base_sha, pull.head_sha), message)
    await git.move(f"refs/heads/{pull.base}", sha, pull.base_sha)
    return sha


def _close_fixed(tracker: Tracker, repository: Repository, merged: Issue) -> None:
    for number in map(int, CLOSES.findall(merged.body)):
        if number in repository.issues:
            tracker.edit(number, Edit(state="closed"))
