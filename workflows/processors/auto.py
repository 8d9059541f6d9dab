"""`aidp-auto`: on an issue plan and build; on its pull request review, repair and watch, until people can take over.

Counted are the fixes that were pushed, never the looks: waiting for CI and for people costs nothing.
"""

from collections.abc import Iterable

from temporalio import workflow

from workflows import github_steps, steps
from workflows.model import Ending, Finding, Outcome, PullRequestState, ReviewerRequest, Steering, Task, WorkOrder
from workflows.processors.building import Building
from workflows.processors.ci_fixing import CiFixing
from workflows.processors.mending import Attempts, mend, mending_spec, read_mendable, unmended
from workflows.processors.planning import Planning
from workflows.processors.processor import Processor
from workflows.processors.reviewing import Assignment, Reviewed, Reviewing

REVIEW, CI, READY = "Reviewed, with nothing grave left open", "CI is green", "Ready for review by people"
TASK = """\
A review of this pull request found the following. Repair each point, or leave it and say why it is no problem.

{findings}
"""
AGAIN = """\
{focus}

An earlier look found the following, and somebody has worked on it since. Judge each point anew, and report it again if
it is still there:

{findings}
"""
OPEN = "{grave} left open {after}; see the review"
UNJUDGED = "{grave} not judged again {after}; {why}"
CLEAN = "reviewed, with no grave finding open"
ADVICE = "Somebody has to look. `/aidp auto` goes on from here."
MAX_NAMED = 5


@workflow.defn
class AutoProcessorWorkflow(Processor):
    """One issue or pull request, brought as far as it gets without people."""

    @workflow.init
    def __init__(self, order: WorkOrder) -> None:
        super().__init__(order)
        self._planning = Planning(self)
        self._attempts = Attempts(self.config.pull_request.auto_attempts)
        self._ci = CiFixing(self, self._attempts)
        self._last: Reviewed | None = None

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
        self.status.measure(self._attempts.measured)
        while True:
            pull_request = await read_mendable(self)
            if isinstance(pull_request, Outcome):
                return pull_request
            reviewed = await self._review(pull_request)
            if isinstance(reviewed, Outcome):
                return reviewed
            if reviewed.blocking or reviewed.unjudged:
                if outcome := await self._repair(pull_request, reviewed):
                    return outcome
                continue
            self.status.done(REVIEW)
            if outcome := await self._have_green_ci(reviewed):
                return outcome

    async def _review(self, pull_request: PullRequestState) -> Reviewed | Outcome:
        """Look at what is new since the last look of this run; at all of it again where that found something grave."""
        last = self._last
        if last and last.head_sha == pull_request.head_sha:
            return last
        since = last.head_sha if last and not last.blocking else ""
        key = f"run:{workflow.info().run_id}"
        reviewed = await Reviewing(self).review(Assignment(pull_request, self._focus(last), since, key))
        if isinstance(reviewed, Outcome):
            return reviewed
        if last:
            reviewed = reviewed.added_to(last) if since else reviewed.instead_of(last)
        self._last = reviewed
        return reviewed

    def _focus(self, last: Reviewed | None) -> str:
        """Have judged what an earlier look found."""
        if not last or not last.blocking:
            return self.order.hint
        return AGAIN.format(focus=self.order.hint, findings=_listed(last.blocking)).strip()

    async def _repair(self, pull_request: PullRequestState, reviewed: Reviewed) -> Outcome | None:
        """Have an agent repair what is grave; what nobody could judge is for people."""
        grave, after = _grave(len(reviewed.blocking) + len(reviewed.unjudged)), self._attempts
        if not reviewed.blocking:
            why = "; ".join(_unseen(reviewed))
            return Outcome(Ending.GAVE_UP, UNJUDGED.format(grave=grave, after=after, why=why), ADVICE)
        if self._attempts.spent:
            return Outcome(Ending.GAVE_UP, OPEN.format(grave=grave, after=after), ADVICE)
        text = TASK.format(findings=_listed(reviewed.blocking))
        task = Task(f"Repair what the review of #{self.item.number} found", text)
        result = await mend(self, pull_request, mending_spec(self, pull_request, task))
        if result.outcome.ending is not Ending.DONE:
            return unmended(result.outcome, f"the review found {reviewed}", ADVICE)
        self._attempts.pushed += 1
        return None

    async def _have_green_ci(self, reviewed: Reviewed) -> Outcome | None:
        """Bring the CI to green; what had to be pushed for that is reviewed again (`None`)."""
        outcome = await self._ci.until_green()
        if outcome.ending not in {Ending.DONE, Ending.NOTHING_TO_DO}:
            return outcome
        pull_request = await read_mendable(self)
        if isinstance(pull_request, Outcome):
            return pull_request
        if {pull_request.head_sha, self.ci.sha} != {reviewed.head_sha}:
            return None
        if outcome.ending is Ending.DONE:
            self.status.done(CI)
        return await self._hand_over(reviewed, outcome)

    async def _hand_over(self, reviewed: Reviewed, ci: Outcome) -> Outcome:
        """Ask people to look, and say no more than is so; a draft that a person made of it stays one."""
        ready = not self.labels.drafted_by
        if ready:
            await github_steps.mark_ready(self.item)
            await github_steps.request_reviewer(ReviewerRequest(self.item, self.order.requester))
            self.status.done(READY)
        self.labels.ready = True
        lesser = [f"still open: {reviewed}"] if reviewed.findings else []
        ended = f"ready {self._attempts}" if ready else str(self._attempts)
        return Outcome(Ending.DONE, "; ".join((CLEAN, *lesser, *_unseen(reviewed), ci.reason, ended)))


def _listed(findings: Iterable[Finding]) -> str:
    return "\n".join(f"- `{it.path}`, line {it.line}: {it.title}. {it.detail}" for it in findings)


def _grave(count: int) -> str:
    return "1 grave finding" if count == 1 else f"{count} grave findings"


def _unseen(reviewed: Reviewed) -> Iterable[str]:
    """Tell what nobody has looked at."""
    if reviewed.silent:
        yield f"no answer came from {', '.join(reviewed.silent)}"
    if reviewed.left_out:
        more = len(reviewed.left_out) - MAX_NAMED
        named = ", ".join(f"`{path}`" for path in reviewed.left_out[:MAX_NAMED])
        yield f"not looked at: {named}{f' and {more} more' if more > 0 else ''}"
