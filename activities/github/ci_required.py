"""Which checks a merge waits for: what rulesets ask for, and what the older protection of a branch asks for."""

from dataclasses import dataclass
from urllib.parse import quote

from temporalio.exceptions import ApplicationError

from activities.github.ci_answers import BranchAnswer, RequiredCheck, Rule
from activities.github.client import Grant, InstallationClients
from workflows.model import CiCheck, Commit, Failure

OFF = "off"
"""How GitHub says that a protection of a branch asks nobody for checks."""


@dataclass(frozen=True, slots=True)
class Required:
    """What a merge waits for: checks of any App, or of one; a status does not tell its App."""

    checks: tuple[RequiredCheck, ...] = ()

    def has(self, name: str, app_id: int | None) -> bool:
        """Whether a check is one of them; all are, where no rule says which."""
        return not self.checks or any(
            it.context == name and (None in (it.integration_id, app_id) or it.integration_id == app_id)
            for it in self.checks
        )

    def missing(self, checks: list[CiCheck]) -> list[CiCheck]:
        """Tell what a merge waits for and nobody has begun yet."""
        there = {check.name for check in checks}
        return [CiCheck(name, "", begun=False) for name in sorted({it.context for it in self.checks} - there)]


async def read_required(clients: InstallationClients, commit: Commit) -> Required:
    """Read what is required on the way to the commit's base branch."""
    if not commit.base_branch:
        return Required()
    branch = quote(commit.base_branch, safe="")
    return Required((*await _by_rules(clients, commit, branch), *await _by_protection(clients, commit, branch)))


async def _by_rules(clients: InstallationClients, commit: Commit, branch: str) -> list[RequiredCheck]:
    try:
        async with clients.repository(commit.item, Grant.READ_COLLABORATOR) as repository:
            rules = [rule async for rule in repository.pages(f"rules/branches/{branch}", list[Rule])]
    except ApplicationError as error:
        if error.type != Failure.PERMANENT:  # some plans of GitHub have no rules in private repositories
            raise
        return []
    parameters = [rule.parameters for rule in rules if rule.type == "required_status_checks" and rule.parameters]
    return [check for it in parameters for check in it.required_status_checks]


async def _by_protection(clients: InstallationClients, commit: Commit, branch: str) -> list[RequiredCheck]:
    async with clients.repository(commit.item, Grant.READ_CODE) as repository:
        found = await repository.find(f"branches/{branch}", BranchAnswer)
    asked = found.protection.required_status_checks if found and found.protection else None
    if not asked or asked.enforcement_level == OFF:
        return []
    apps = {it.context: it.app_id for it in asked.checks}
    return [RequiredCheck(name, _app(apps.get(name))) for name in dict.fromkeys((*asked.contexts, *apps))]


def _app(app_id: int | None) -> int | None:
    """Read which App must have said it; GitHub says -1 for any."""
    return app_id if app_id and app_id > 0 else None
