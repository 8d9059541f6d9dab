"""Copying a repository to somebody's account."""

import shutil

from github_app.demo.github.model import Repository, User
from github_app.demo.github.world import World


def fork(world: World, parent: Repository, owner: User) -> Repository:
    """Copy all but the pull requests; the App is not installed there."""
    path = world.root / owner.login / f"{parent.name}.git"
    shutil.copytree(parent.path, path, ignore=shutil.ignore_patterns("pull"))
    branch, now = parent.default_branch, world.now()
    made = Repository(world.next_id(), owner, parent.name, path, now, parent.private, branch, parent_id=parent.id)
    world.repositories[made.id] = made
    return made
