"""Other worlds that answer in place of the present one: before the last change, before pushes, with another clock."""

import copy
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

from github_app.demo.github.model import Issue, Repository
from github_app.demo.github.world import World

Moment = dict[int, Repository]
"""The repositories by id, each with its own copies of its collections."""


class Past:
    """Remembers how things were before they last changed. Git's objects and branches are always those of today."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._moments: list[Moment] = []

    def note(self) -> None:
        """Look at how things are."""
        now = {repository.id: _copy(repository) for repository in self._world.repositories.values()}
        if not self._moments or _content(now) != _content(self._moments[-1]):
            self._moments = [*self._moments[-1:], now]

    def world(self) -> World:
        """Return the world before the last change noted; all but the repositories is shared with the present."""
        past = copy.copy(self._world)
        past.repositories = self._moments[0]
        return past


class FormerHeads:
    """Remembers where the head of each pull request was before it was pushed to."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._heads: dict[int, str] = {}
        self._former: dict[int, str] = {}

    def note(self) -> None:
        """Look at where they are."""
        pulls = [it.pull for each in self._world.repositories.values() for it in each.issues.values() if it.pull]
        heads = {pull.id: pull.head_sha for pull in pulls}
        self._former |= {key: sha for key, sha in self._heads.items() if heads.get(key, sha) != sha}
        self._heads = heads

    def world(self) -> World:
        """Return the world without the last push to each."""
        past = copy.copy(self._world)
        past.repositories = {key: _copy(repository) for key, repository in self._world.repositories.items()}
        for repository in past.repositories.values():
            repository.issues.update({key: self._unmoved(issue) for key, issue in repository.issues.items()})
        return past

    def _unmoved(self, issue: Issue) -> Issue:
        pull = issue.pull
        return replace(issue, pull=replace(pull, head_sha=self._former.get(pull.id, pull.head_sha))) if pull else issue


def skewed(world: World, seconds: float) -> World:
    """Return the same world by another clock."""
    other = copy.copy(world)
    other.clock_offset += timedelta(seconds=seconds)
    return other


def _copy(repository: Repository) -> Repository:
    values: dict[str, Any] = {it.name: copy.copy(getattr(repository, it.name)) for it in fields(repository)}
    return Repository(**values)


def _content(moment: Moment) -> dict[int, list[Any]]:
    return {key: [getattr(it, each.name) for each in fields(it)] for key, it in moment.items()}
