"""What can be done to check runs and commit statuses; each change is told."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from github_app.demo.github.model import AppRegistration, CheckRun, CheckSuite, Repository, Status, User
from github_app.demo.github.shapes import checks as shapes
from github_app.demo.github.webhooks import Event, emit
from github_app.demo.github.world import World, not_found


@dataclass(frozen=True, slots=True)
class Push:
    """A branch that moved."""

    ref: str
    before: str
    after: str

    @property
    def branch(self) -> str:
        """The name without `refs/heads/`."""
        return self.ref.removeprefix("refs/heads/")


def latest(runs: Iterable[CheckRun]) -> list[CheckRun]:
    """Leave out runs that were done again: of each name in a suite, the newest counts."""
    return list({(run.suite_id, run.name): run for run in runs}.values())


class Checks:
    """One repository's checks, as one App writes them."""

    def __init__(self, world: World, repository: Repository, app: AppRegistration) -> None:
        self._world, self._repository, self._app = world, repository, app

    @property
    def _sender(self) -> User:
        return self._world.users[f"{self._app.slug}[bot]"]

    def find(self, run_id: int) -> CheckRun:
        """Find a check run."""
        if found := self._repository.check_runs.get(run_id):
            return found
        raise not_found()

    async def open_suite(self, push: Push) -> CheckSuite:
        """Begin the App's suite for a pushed commit, or find the one that was begun."""
        for suite in self._repository.check_suites.values():
            if (suite.app.id, suite.head_sha) == (self._app.id, push.after):
                return suite
        now, identity = self._world.now(), self._world.next_id()
        head = await self._world.git(self._repository).commit(push.after)
        suite = CheckSuite(identity, self._app, head, push.branch or None, push.before or None, now, now)
        self._repository.check_suites[suite.id] = suite
        self._tell_suite("requested", suite)
        return suite

    def create(self, name: str, suite: CheckSuite, values: dict[str, Any]) -> CheckRun:
        """Create a check run."""
        run = CheckRun(self._world.next_id(), suite.id, self._app, name, suite.head_sha, started_at=self._world.now())
        self._repository.check_runs[run.id] = run
        self._tell_run("created", run)
        return self.change(run.id, values)

    def change(self, run_id: int, values: dict[str, Any]) -> CheckRun:
        """Change a check run; a conclusion completes it, and with the last one its suite."""
        run, now = self.find(run_id), self._world.now()
        completes = "conclusion" in values or values.get("status") == "completed"
        if completes:
            values = {"completed_at": now, "started_at": run.started_at or now} | values | {"status": "completed"}
        elif values.get("status") == "in_progress":
            values = {"started_at": now} | values
        run = replace(run, **values)
        self._repository.check_runs[run_id] = run
        if completes:
            self._tell_run("completed", run)
        self._roll_up(run.suite_id)
        return run

    async def set_status(self, sha: str, values: dict[str, Any]) -> Status:
        """Give a commit a status."""
        status = Status(
            self._world.next_id(),
            sha,
            values.get("context", "default"),
            values["state"],
            values.get("description"),
            values.get("target_url"),
            self._sender,
            self._world.now(),
        )
        self._repository.statuses.append(status)
        git = self._world.git(self._repository)
        heads, commit = await git.refs("refs/heads/"), await git.commit(sha)
        content = shapes.told_status(self._world, self._repository, status, (commit, heads))
        emit(self._world, Event("status", None, self._sender, content, self._repository))
        return status

    def _tell_run(self, action: str, run: CheckRun) -> None:
        content: dict[str, Any] = {"check_run": shapes.told_check_run(self._world, self._repository, run)}
        emit(self._world, Event("check_run", action, self._sender, content, self._repository))

    def _roll_up(self, suite_id: int) -> None:
        """Bring the suite in line with its runs."""
        runs = latest(run for run in self._repository.check_runs.values() if run.suite_id == suite_id)
        done = all(run.status == "completed" for run in runs)
        good = all(run.conclusion in ("success", "neutral", "skipped") for run in runs)
        status, conclusion = ("completed", "success" if good else "failure") if done else ("in_progress", None)
        suite = self._repository.check_suites[suite_id]
        changed = replace(suite, status=status, conclusion=conclusion, updated_at=self._world.now())
        self._repository.check_suites[suite_id] = changed
        if done and (suite.status, suite.conclusion) != (status, conclusion):
            self._tell_suite("completed", changed)

    def _tell_suite(self, action: str, suite: CheckSuite) -> None:
        content = {"check_suite": shapes.check_suite(self._world, self._repository, suite)}
        emit(self._world, Event("check_suite", action, self._sender, content, self._repository))
