"""The GitHub hand for plans and projects: their comments, and the issues of their parts."""

from temporalio import activity

from activities.github import plans, projects, sub_issues
from activities.github.client import Grant, InstallationClients
from workflows.model import Item, PlanPost, ProjectPost, SubIssue, SubIssueDraft, WrittenPlan


class PlanActivities:
    """Implements the port `Plans`."""

    def __init__(self, clients: InstallationClients) -> None:
        self._clients = clients

    @activity.defn
    async def write_plan(self, post: PlanPost, /) -> WrittenPlan:
        """Write the plan comment, or bring it up to date."""
        async with self._clients.repository(post.item, Grant.WRITE_ITEM) as repository:
            return await plans.write_plan(repository, post)

    @activity.defn
    async def read_plan(self, item: Item, /) -> WrittenPlan | None:
        """Read the plan comment as it is now, whoever edited it."""
        async with self._clients.repository(item, Grant.READ_ITEM) as repository:
            return await plans.read_plan(repository, item)

    @activity.defn
    async def open_sub_issue(self, draft: SubIssueDraft, /) -> SubIssue:
        """Open an issue for a part of a project, or find the one it has."""
        async with self._clients.repository(draft.item, Grant.WRITE_ITEM) as repository:
            return await sub_issues.open_sub_issue(repository, draft)

    @activity.defn
    async def read_sub_issues(self, item: Item, /) -> tuple[SubIssue, ...]:
        """Read the sub-issues we have opened for a project."""
        async with self._clients.repository(item, Grant.READ_ITEM) as repository:
            return await sub_issues.read_sub_issues(repository, item)

    @activity.defn
    async def write_project(self, post: ProjectPost, /) -> int:
        """Write the project's progress comment and return its id."""
        async with self._clients.repository(post.item, Grant.WRITE_ITEM) as repository:
            return await projects.write_project(repository, post)
