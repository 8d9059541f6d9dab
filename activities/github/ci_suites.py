"""Check suites: CI that has been asked to begin, and of which no check run tells yet.

GitHub opens a suite for every App that may write checks, also for those that never do. So GitHub Actions is waited for,
whose suites are its runs; of other Apps only those that have reported on the base branch, and not without an end.
"""

from urllib.parse import quote

from activities.github.ci_answers import CheckSuiteAnswer, CheckSuites
from activities.github.client import Grant, InstallationClients
from activities.github.paging import wrapped_pages
from workflows.model import CiCheck, Commit

ACTIONS = "github-actions"
COMPLETED = "completed"
WITHOUT_RUNS = {
    "startup_failure": "A workflow could not start",
    "action_required": "A workflow waits for somebody to approve it",
}
"""How a run of GitHub Actions may end without a single job."""


async def read_unreported(clients: InstallationClients, commit: Commit) -> list[CiCheck]:
    """Read what is still to come, or came to nothing, as checks."""
    suites = [suite for suite in await _suites(clients, commit, commit.sha) if suite.app]
    actions = [check for suite in suites if suite.slug == ACTIONS and (check := _of_actions(suite))]
    queued = {suite.slug for suite in suites if suite.slug != ACTIONS and _is_untouched(suite)}
    if not queued or not commit.base_branch:
        return actions
    reporting = {suite.slug for suite in await _suites(clients, commit, commit.base_branch) if not _is_untouched(suite)}
    return [*actions, *(CiCheck(name, "", begun=False) for name in sorted(queued & reporting))]


async def _suites(clients: InstallationClients, commit: Commit, ref: str) -> list[CheckSuiteAnswer]:
    path = f"commits/{quote(ref, safe='')}/check-suites?"
    async with clients.repository(commit.item, Grant.READ_CHECKS) as repository:
        suites = await wrapped_pages(repository, path, CheckSuites, lambda page: page.check_suites)
    return [suite for suite in suites if not (suite.app and suite.app.id == clients.app.id)]


def _of_actions(suite: CheckSuiteAnswer) -> CiCheck | None:
    """Read a run of GitHub Actions that goes on, or that ended before any job began."""
    if suite.status != COMPLETED:
        return CiCheck(ACTIONS, "")
    summary = WITHOUT_RUNS.get(suite.conclusion or "")
    return CiCheck(ACTIONS, suite.conclusion or "", summary=summary) if summary else None


def _is_untouched(suite: CheckSuiteAnswer) -> bool:
    return suite.status != COMPLETED and not suite.latest_check_runs_count
