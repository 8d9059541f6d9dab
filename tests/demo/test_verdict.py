"""The verdict at the end of the demo counts what is there, not what should be."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from github_app.demo.github import LocalGitHub, Repository
from github_app.demo.stage import registration
from github_app.demo.trouble import judge
from github_app.demo.watching import BOT

STATUS = "Done\n\n<!-- aidp:status v1 -->"


@pytest.fixture
async def github(tmp_path: Path) -> AsyncGenerator[LocalGitHub]:
    """Run a GitHub whose webhooks go nowhere."""
    github = LocalGitHub(tmp_path, registration(""))
    async with github.serve():
        yield github


async def issue_of(github: LocalGitHub) -> tuple[Repository, int]:
    """Open an issue."""
    repository = github.add_repository("octo", "durations", files={"README.md": "hello\n"})
    return repository, (await github.create_issue(repository, "ada", "Read durations")).number


async def test_a_second_status_comment_is_no_effect_but_a_fault(github: LocalGitHub) -> None:
    """What carries the same mark twice in one place was done twice."""
    repository, number = await issue_of(github)
    await github.comment(repository, number, BOT, STATUS)
    assert str(await judge(github, repository)).endswith("1 effects, each of them once")
    await github.comment(repository, number, BOT, STATUS)
    verdict = await judge(github, repository)
    assert verdict.doubled == (f"#{number} aidp:status v1",)


async def test_people_may_say_things_twice(github: LocalGitHub) -> None:
    """Only what aidp wrote is counted."""
    repository, number = await issue_of(github)
    for _ in range(2):
        await github.comment(repository, number, "ada", STATUS)
    assert (await judge(github, repository)).effects == 0
