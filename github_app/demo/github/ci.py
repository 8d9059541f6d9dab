"""The CI of the local GitHub: clones each pushed commit and really runs the repository's command."""

import tempfile
from pathlib import Path

from activities.process import Command, Ended, Finished, run
from github_app.demo.github.checks import Checks, Push
from github_app.demo.github.git import ENV
from github_app.demo.github.model import Repository
from github_app.demo.github.world import LOCAL_CI, World

LIMIT_SECONDS = 120
TEXT_LIMIT = 60_000
"""GitHub takes 65,535 characters of text."""


def start(world: World, repository: Repository, push: Push) -> None:
    """Test a pushed commit, if the repository has a CI."""
    if repository.ci:
        command = repository.ci
        world.background.start(lambda: _test(Checks(world, repository, LOCAL_CI), push, (repository.path, command)))


async def _test(checks: Checks, push: Push, what: tuple[Path, str]) -> None:
    check = checks.create("test", checks.open_suite(push), {})
    checks.change(check.id, {"status": "in_progress"})
    finished = await _run(push.after, *what)
    passed = finished.ended is Ended.EXITED and finished.exit_code == 0
    text = finished.stdout.decode(errors="replace")[-TEXT_LIMIT:]
    output = {"title": _title(finished), "summary": f"`{what[1]}`: {_title(finished)}", "text": f"```\n{text}\n```"}
    checks.change(check.id, {"conclusion": "success" if passed else "failure", "output": output})


async def _run(sha: str, path: Path, command: str) -> Finished:
    checkout = f'git init --quiet . && git fetch --quiet --depth=1 "$0" {sha} && git checkout --quiet FETCH_HEAD'
    script = f"{checkout} && {{\n{command}\n}}"
    with tempfile.TemporaryDirectory(prefix="ci-") as folder:
        env = {"PATH": ENV["PATH"], "HOME": folder, "LC_ALL": "C.UTF-8", "CI": "true"}
        argv = ("sh", "-c", script, str(path))
        return await run(Command(argv, Path(folder), env, merge_stderr=True, wall_seconds=LIMIT_SECONDS))


def _title(finished: Finished) -> str:
    match finished.ended, finished.exit_code:
        case Ended.EXITED, 0:
            return "Passed"
        case Ended.EXITED, code:
            return f"Failed with exit code {code}"
        case _:
            return f"Stopped after {LIMIT_SECONDS} seconds"
