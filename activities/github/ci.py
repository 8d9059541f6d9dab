"""Other people's checks of a commit: what they say, and running them again."""

import re
from dataclasses import replace

from temporalio.exceptions import ApplicationError

from activities.checks.plain import one_line
from activities.github.answers import CheckRunAnswer, CheckRuns, CombinedStatus, RunAnswer, StatusAnswer
from activities.github.calls import Call
from activities.github.ci_answers import CheckSuiteAnswer, RunOfSuite
from activities.github.ci_required import Required, read_required
from activities.github.ci_suites import ACTIONS, COMPLETED, read_unreported
from activities.github.client import Grant, InstallationClients
from activities.github.graphql import is_refusal
from activities.github.paging import wrapped_pages
from workflows.ci import GOOD, WAITING, is_red, verdict
from workflows.model import CiCheck, CiState, Commit, Failure

MAX_CHECKS = 100
ACTIONS_ADDRESS = re.compile(r"/actions/runs/(\d{1,18})(?:/jobs?/(\d{1,18}))?")
STATUS_CONCLUSIONS = {"success": "success", "failure": "failure", "error": "failure", "pending": ""}


async def read_ci(clients: InstallationClients, commit: Commit) -> CiState:
    """Read all checks of a commit, and judge them before the list is cut."""
    required = await read_required(clients, commit)
    checks = [*await _check_runs(clients, commit, required), *await _statuses(clients, commit, required)]
    missing = required.missing(checks)
    counts = bool(missing) or not required.checks  # what has not told its name yet may be what is missing
    checks += [*missing, *(replace(it, required=counts) for it in await read_unreported(clients, commit))]
    checks.sort(key=_urgency)
    return CiState(commit.sha, tuple(checks[:MAX_CHECKS]), verdict(checks))


async def rerun_ci(clients: InstallationClients, commit: Commit, checks: tuple[CiCheck, ...]) -> bool:
    """Run again what can be: the failed jobs of each run of GitHub Actions, and other check runs."""
    runs = dict.fromkeys(check.run for check in checks if check.run)
    others = dict.fromkeys(check.check_run for check in checks if not check.run and check.check_run)
    accepted = [await _rerun_failed_jobs(clients, commit, run) for run in runs]
    accepted += [await _rerequest(clients, commit, check_run) for check_run in others]
    return any(accepted)


async def _check_runs(clients: InstallationClients, commit: Commit, required: Required) -> list[CiCheck]:
    path = f"commits/{commit.sha}/check-runs?filter=latest"
    async with clients.repository(commit.item, Grant.READ_CHECKS) as repository:
        runs = await wrapped_pages(repository, path, CheckRuns, lambda page: page.check_runs)
    return [_of_run(run, required) for run in runs if not (run.app and run.app.id == clients.app.id)]


async def _statuses(clients: InstallationClients, commit: Commit, required: Required) -> list[CiCheck]:
    path = f"commits/{commit.sha}/status?"
    async with clients.repository(commit.item, Grant.READ_STATUSES) as repository:
        statuses = await wrapped_pages(repository, path, CombinedStatus, lambda page: page.statuses)
    return [_of_status(status, required) for status in statuses]


def _of_run(run: CheckRunAnswer, required: Required) -> CiCheck:
    of_actions = run.app is not None and run.app.slug == ACTIONS
    address = ACTIONS_ADDRESS.search(f"{run.details_url} {run.html_url}") if of_actions else None
    return CiCheck(
        name=run.name,
        conclusion=run.conclusion or "" if run.status == COMPLETED else "",
        required=required.has(run.name, run.app.id if run.app else None),
        url=run.html_url or run.details_url or "",
        run=int(address[1]) if address else 0,
        job=int((address and address[2]) or run.id) if of_actions else 0,  # a job has its check run's id
        check_run=run.id,
        summary=one_line(run.output.title or run.output.summary or ""),
    )


def _of_status(status: StatusAnswer, required: Required) -> CiCheck:
    return CiCheck(
        name=status.context,
        conclusion=STATUS_CONCLUSIONS.get(status.state, "failure"),
        required=required.has(status.context, None),
        url=status.target_url or "",
        summary=one_line(status.description or ""),
    )


def _urgency(check: CiCheck) -> tuple[int, str]:
    """Order checks: what failed, what waits for somebody, what runs, what is good."""
    if is_red(check):
        return (0 if check.required else 1, check.name)
    rank = {"": 3} | dict.fromkeys(WAITING, 2) | dict.fromkeys(GOOD, 4)
    return (rank[check.conclusion], check.name)


async def _rerun_failed_jobs(clients: InstallationClients, commit: Commit, run: int) -> bool:
    """Run the failed jobs of a run again; one that runs already is what an earlier attempt has reached."""
    try:
        async with clients.repository(commit.item, Grant.WRITE_ACTIONS) as repository:
            now = await repository.find(f"actions/runs/{run}", RunAnswer)
            if now and now.status == COMPLETED:
                await repository.send(Call("POST", f"actions/runs/{run}/rerun-failed-jobs"), object)
            return now is not None
    except ApplicationError as error:
        if error.type != Failure.PERMANENT:  # too old, say
            raise
        return False


async def _rerequest(clients: InstallationClients, commit: Commit, check_run: int) -> bool:
    """Ask another App to check again; GitHub lets us do so for some. A suite that waits has been asked."""
    try:
        async with clients.repository(commit.item, Grant.WRITE_CHECKS) as repository:
            run = await repository.find(f"check-runs/{check_run}", RunOfSuite)
            suite = run and await repository.find(f"check-suites/{run.check_suite.id}", CheckSuiteAnswer)
            if suite and suite.status == COMPLETED:
                await repository.send(Call("POST", f"check-runs/{check_run}/rerequest"), object)
            return suite is not None
    except ApplicationError as error:
        if not is_refusal(error):
            raise
        return False
