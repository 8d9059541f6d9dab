"""From finished work on an issue to its pull request, and to the people who look at it."""

from dataclasses import dataclass, replace

from workflows import github_steps, steps
from workflows.branches import branch_name, commit_subject
from workflows.model import (
    Actor,
    ApprovedPlan,
    Issue,
    Item,
    LabelChange,
    LoopResult,
    LoopSpec,
    PullRequest,
    PullRequestDraft,
    RepoConfig,
    ReviewerRequest,
    Work,
    WorkOrder,
)
from workflows.tasks import build_task


@dataclass(frozen=True, slots=True)
class Undertaking:
    """An issue that is to become a pull request."""

    item: Item
    issue: Issue
    requester: Actor
    config: RepoConfig
    plan: ApprovedPlan | None = None
    hint: str = ""

    @property
    def branch(self) -> str:
        """The branch of the work."""
        return branch_name(self.config.branch_prefix, self.item.number, self.issue.title)

    def loop_spec(self, loop_id: str, report_to: str = "") -> LoopSpec:
        """Write down the work loop that does it."""
        return LoopSpec(
            id=loop_id,
            source=self.item.source,
            branch=self.branch,
            task=build_task(self.issue, self.plan, self.hint),
            commit_message=f"{commit_subject(self.issue.title)}\n\nFixes #{self.item.number}",
            number=self.item.number,
            config=self.config,
            report_to=report_to,
            start_sha=self.plan.base_sha if self.plan else "",
            verify=self.config.pull_request.verify_rounds > 0,
        )

    async def propose(self, result: LoopResult, base: str = "") -> PullRequest:
        """Open the pull request, or bring it up to date."""
        return await steps.open_pull_request(
            PullRequestDraft(
                item=self.item,
                branch=result.branch,
                base=base or result.base_branch,
                title=self.issue.title,
                result=result,
                requester=self.requester,
                ready=not self.config.pull_request.draft,
            )
        )

    async def ask_for_review(self, number: int) -> None:
        """Ask whoever wanted it to look at the pull request; one that is no draft is for people from now on."""
        there = self.pull_request(number)
        await github_steps.request_reviewer(ReviewerRequest(there, self.requester))
        if not self.config.pull_request.draft:
            await steps.change_labels(LabelChange(there, add=(self.config.labels.ready,)))

    def pull_request(self, number: int) -> Item:
        """Address the pull request."""
        return replace(self.item, number=number)

    def care(self, number: int) -> tuple[WorkOrder, ...]:
        """Look after the CI of the pull request, if that is wanted."""
        order = WorkOrder(self.pull_request(number), Work.FIX_CI, self.requester, self.config)
        return (order,) if self.config.ci.fix else ()
