"""Other worlds that answer in place of the present one: the one before the last change, the one with another clock."""

import copy
from dataclasses import fields
from datetime import timedelta
from typing import Any

from github_app.demo.github.model import Repository
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
