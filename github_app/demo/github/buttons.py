"""The buttons beside checks: those an App offers, and "Re-run"."""

from dataclasses import replace
from typing import Any

from github_app.demo.github.checks import latest
from github_app.demo.github.ci import Actions
from github_app.demo.github.model import CheckRun, CheckSuite, Json, Repository, User
from github_app.demo.github.shapes import checks as shapes
from github_app.demo.github.webhooks import Event, emit
from github_app.demo.github.world import LOCAL_CI, World, invalid, not_found


class Buttons:
    """One repository's checks, as a person looks at them. What is pressed is told to the App whose check it is."""

    def __init__(self, world: World, repository: Repository, by: User) -> None:
        self._world, self._repository, self._by = world, repository, by

    def press(self, run_id: int, identifier: str) -> None:
        """Press a button that the check offers."""
        run = self._run(run_id)
        if identifier not in [action["identifier"] for action in run.actions]:
            raise invalid("CheckRun", f"The check has no button {identifier}", "identifier")
        self._tell_run("requested_action", run, {"requested_action": {"identifier": identifier}})

    def rerequest(self, run_id: int) -> None:
        """Ask for one check to be done again."""
        run = self._run(run_id)
        if run.app is LOCAL_CI:
            Actions(self._world, self._repository, self._by).rerun(self._repository.jobs[run_id].run_id)
        else:
            self._queue(self._repository.check_suites[run.suite_id])
            self._tell_run("rerequested", run, {})

    def rerequest_suite(self, suite_id: int) -> None:
        """Ask for all of an App's checks to be done again."""
        suite = self._repository.check_suites.get(suite_id)
        if not suite:
            raise not_found()
        if suite.app is LOCAL_CI:
            self._rerun(suite)
        else:
            queued = self._queue(suite)
            content: dict[str, Any] = {"check_suite": shapes.check_suite(self._world, self._repository, queued)}
            emit(self._world, Event("check_suite", "rerequested", self._by, content, self._repository))

    def _run(self, run_id: int) -> CheckRun:
        if found := self._repository.check_runs.get(run_id):
            return found
        raise not_found()

    def _queue(self, suite: CheckSuite) -> CheckSuite:
        """Have a suite wait for its App, which makes a new check run; the old one stays what it is."""
        queued = replace(suite, status="queued", conclusion=None, updated_at=self._world.now())
        self._repository.check_suites[suite.id] = queued
        return queued

    def _rerun(self, suite: CheckSuite) -> None:
        for run in latest(it for it in self._repository.check_runs.values() if it.suite_id == suite.id):
            self.rerequest(run.id)

    def _tell_run(self, action: str, run: CheckRun, more: Json) -> None:
        content = {"check_run": shapes.told_check_run(self._world, self._repository, run), **more}
        emit(self._world, Event("check_run", action, self._by, content, self._repository))
