"""The CI of the local GitHub: clones each pushed commit and really runs the repository's command."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from activities.process import Command, Ended, Finished, run
from github_app.demo.github.checks import Checks, Push
from github_app.demo.github.git import ENV
from github_app.demo.github.model import Job, Repository, User, WorkflowRun
from github_app.demo.github.shapes import actions as shapes
from github_app.demo.github.webhooks import Event, emit
from github_app.demo.github.world import LOCAL_CI, RefusedError, World, not_found

LIMIT_SECONDS = 120
TEXT_LIMIT = 60_000
"""GitHub takes 65,535 characters of text."""
FLAKY = "The network is unreachable. This CI is flaky: it fails once for each commit."


async def start(world: World, repository: Repository, by: User, push: Push) -> None:
    """Test a pushed commit, if the repository has a CI."""
    if repository.ci:
        await Actions(world, repository, by).start(push)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an attempt ended."""

    passed: bool
    title: str
    output: str


class Actions:
    """One repository's CI, as one user sets it going."""

    def __init__(self, world: World, repository: Repository, by: User) -> None:
        self._world, self._repository, self._by = world, repository, by
        self._checks = Checks(world, repository, LOCAL_CI)

    def find(self, run_id: int) -> WorkflowRun:
        """Find a run."""
        if found := self._repository.workflow_runs.get(run_id):
            return found
        raise not_found()

    def find_job(self, job_id: int) -> Job:
        """Find a job of a run."""
        if found := self._repository.jobs.get(job_id):
            return found
        raise not_found()

    async def start(self, push: Push, event: str = "push") -> None:
        """Begin a run for a commit."""
        suite, now = await self._checks.open_suite(push), self._world.now()
        identity, number = self._world.next_id(), len(self._repository.workflow_runs) + 1
        run = self._save(WorkflowRun(identity, number, suite.id, event, self._by, now, now))
        self._begin(run)

    def rerun(self, run_id: int, *, only_failed: bool = False) -> WorkflowRun:
        """Begin a run again; it must have ended."""
        run = self.find(run_id)
        if run.status != "completed":
            raise RefusedError(403, "This workflow is already running")
        if only_failed and run.conclusion == "success":
            raise RefusedError(403, "This workflow run cannot be retried")
        again = replace(run, attempt=run.attempt + 1, status="queued", conclusion=None)
        return self._begin(self._save(again))

    def _begin(self, run: WorkflowRun) -> WorkflowRun:
        self._tell("requested", run)
        self._world.background.start(lambda: self._attempt(run))
        return run

    async def _attempt(self, run: WorkflowRun) -> None:
        suite = self._repository.check_suites[run.suite_id]
        check = self._checks.create("test", suite, {})
        url = shapes.job_page(self._world, self._repository, (run.id, check.id))
        self._checks.change(check.id, {"status": "in_progress", "details_url": url})
        self._repository.jobs[check.id] = Job(check.id, run.id, run.attempt)
        self._tell("in_progress", self._save(replace(run, status="in_progress")))
        verdict = await self._test(suite.head_sha, run.attempt)
        self._finish(self.find(run.id), check.id, verdict)

    async def _test(self, sha: str, attempt: int) -> Verdict:
        finished = await _run(sha, self._repository.path, self._repository.ci or "true")
        text = finished.stdout.decode(errors="replace")[-TEXT_LIMIT:]
        if self._repository.flaky and attempt == 1:
            return Verdict(passed=False, title="Failed with exit code 1", output=f"{text}{FLAKY}\n")
        passed = finished.ended is Ended.EXITED and finished.exit_code == 0
        return Verdict(passed, _title(finished), text)

    def _finish(self, run: WorkflowRun, job_id: int, verdict: Verdict) -> None:
        command, conclusion = self._repository.ci, "success" if verdict.passed else "failure"
        output: dict[str, Any] = {"title": verdict.title, "summary": f"`{command}`: {verdict.title}"}
        output["text"] = f"```\n{verdict.output}\n```"
        log = shapes.log(self._world.now(), f"Run {command}\n{verdict.output}\n##[{conclusion}]{verdict.title}")
        self._repository.jobs[job_id] = replace(self._repository.jobs[job_id], log=log)
        self._checks.change(job_id, {"conclusion": conclusion, "output": output})
        self._tell("completed", self._save(replace(run, status="completed", conclusion=conclusion)))

    def _save(self, run: WorkflowRun) -> WorkflowRun:
        run = replace(run, updated_at=self._world.now())
        self._repository.workflow_runs[run.id] = run
        return run

    def _tell(self, action: str, run: WorkflowRun) -> None:
        workflow = shapes.workflow(self._world, self._repository)
        shown = shapes.workflow_run(self._world, self._repository, run)
        content = {"workflow": workflow, "workflow_run": shown}
        emit(self._world, Event("workflow_run", action, self._by, content, self._repository))


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
