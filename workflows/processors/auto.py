"""`aidp-auto`: on an issue plan and build; on its pull request review, repair and watch, until people can take over.

Counted are the fixes that were pushed, never the looks: waiting for CI and for people costs nothing.
"""

from dataclasses import dataclass

from temporalio import workflow

from workflows import github_steps, steps
from workflows.model import Ending, Outcome, PullRequestState, ReviewerRequest, Steering, Task, WorkOrder
from workflows.processors.building import Building
from workflows.processors.ci_fixing import CiFixing
from workflows.processors.mending import mending_spec, read_mendable, unmended
from workflows.processors.planning import Planning
from workflows.processors.processor import Processor
from workflows.processors.reviewing import Reviewed, Reviewing

REVIEW, CI, READY = "Reviewed, with nothing grave left open", "CI is green", "Ready for review by people"
TASK = """\
A review of this pull request found the following. Repair each point, or leave it and say why it is no problem.

{findings}
"""
OPEN = "{count} grave findings are open after {pushed} pushed fixes; see the review"
ADVICE = "Somebody has to look. `/aidp auto` goes on from here."


@dataclass(slots=True)
class Standing:
    """How far a pull request is."""

    pushed: int = 0
    reviewed_sha: str = ""
    silent: tuple[str, ...] = ()


@workflow.defn
class AutoProcessorWorkflow(Processor):
    """One issue or pull request, brought as far as it gets without people."""

    @workflow.init
    def __init__(self, order: WorkOrder) -> None:
        super().__init__(order)
        self._planning = Planning(self)
        self._standing = Standing()

    @workflow.run
    async def run(self, order: WorkOrder) -> Outcome:
        """Go as far as it gets, and tell how it ended whatever happened."""
        del order  # `__init__` has it
        return await self.conclude(self._go)

    def take(self, steering: Steering) -> str | None:
        """Take answers to what the plan asks."""
        return self._planning.take(steering)

    async def _go(self) -> Outcome:
        if (await steps.read_issue(self.item)).pull_request:
            return await self._finish_pull_request()
        plan = await self._planning.make(needs_approval=False)
        return plan if isinstance(plan, Outcome) else await Building(self).build(plan)

    # --- pull requests ------------------------------------------------------------------------------------------------

    async def _finish_pull_request(self) -> Outcome:
        """Review and repair in turns until neither finds anything to do."""
        self.status.plan(REVIEW, CI, READY)
        while True:
            pull_request = await read_mendable(self)
            if isinstance(pull_request, Outcome):
                return pull_request
            reviewed = await self._review(pull_request)
            if isinstance(reviewed, Outcome):
                return reviewed
            if reviewed.blocking:
                if outcome := await self._repair(pull_request, reviewed):
                    return outcome
                continue
            self.status.done(REVIEW)
            if outcome := await self._have_green_ci():
                return outcome

    async def _review(self, pull_request: PullRequestState) -> Reviewed | Outcome:
        """Look at what is new since the last look of this run."""
        if self._standing.reviewed_sha == pull_request.head_sha:
            return Reviewed(pull_request.head_sha, ())
        reviewed = await Reviewing(self).review(pull_request, self._standing.reviewed_sha)
        if isinstance(reviewed, Reviewed):
            self._standing.reviewed_sha, self._standing.silent = reviewed.head_sha, reviewed.silent
        return reviewed

    async def _repair(self, pull_request: PullRequestState, reviewed: Reviewed) -> Outcome | None:
        if self._standing.pushed >= self.config.pull_request.auto_attempts:
            reason = OPEN.format(count=len(reviewed.blocking), pushed=self._standing.pushed)
            return Outcome(Ending.GAVE_UP, reason, ADVICE)
        found = [f"- `{it.path}`, line {it.line}: {it.title}. {it.detail}" for it in reviewed.blocking]
        task = Task(f"Repair what the review of #{self.item.number} found", TASK.format(findings="\n".join(found)))
        result = await self.run_loop(mending_spec(self, pull_request, task))
        if result.outcome.ending is not Ending.DONE:
            return unmended(result.outcome, f"the review found {reviewed}", ADVICE)
        self._standing.pushed += 1
        return None

    async def _have_green_ci(self) -> Outcome | None:
        """Bring the CI to green; what had to be pushed for that is reviewed again (`None`)."""
        fixing = CiFixing(self, self.config.pull_request.auto_attempts - self._standing.pushed)
        outcome = await fixing.until_green()
        self._standing.pushed += fixing.pushed
        if outcome.ending not in {Ending.DONE, Ending.NOTHING_TO_DO}:
            return outcome
        pull_request = await read_mendable(self)
        if isinstance(pull_request, Outcome):
            return pull_request
        if pull_request.head_sha != self._standing.reviewed_sha:
            return None
        if outcome.ending is Ending.DONE:
            self.status.done(CI)
        return await self._hand_over(outcome)

    async def _hand_over(self, ci: Outcome) -> Outcome:
        """Ask people to look, and say no more than is so."""
        await github_steps.mark_ready(self.item)
        await github_steps.request_reviewer(ReviewerRequest(self.item, self.order.requester))
        self.status.done(READY)
        fixes = {0: "without a fix", 1: "after one pushed fix"}
        after = fixes.get(self._standing.pushed, f"after {self._standing.pushed} pushed fixes")
        silent = f"; no answer came from {', '.join(self._standing.silent)}" if self._standing.silent else ""
        return Outcome(Ending.DONE, f"reviewed, with no grave finding open{silent}; {ci.reason}; ready {after}")
