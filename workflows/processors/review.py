"""`aidp-review` on a pull request: look at all of it, or at what is new, and post one review."""

from temporalio import workflow

from workflows import github_steps
from workflows.model import Ending, Outcome, WorkOrder
from workflows.processors.processor import Processor
from workflows.processors.reviewing import Reviewing

SEEN = "this commit has been reviewed already"
SEEN_ADVICE = "Push something new, or say what to look for: `/aidp review focus`."


@workflow.defn
class ReviewProcessorWorkflow(Processor):
    """One review of one commit."""

    @workflow.init
    def __init__(self, order: WorkOrder) -> None:
        super().__init__(order)

    @workflow.run
    async def run(self, order: WorkOrder) -> Outcome:
        """Review, and tell how it ended whatever happened."""
        del order  # `__init__` has it
        return await self.conclude(self._review)

    async def _review(self) -> Outcome:
        pull_request = await github_steps.read_pull_request(self.item)
        self.status.follow(pull_request.head_sha)
        last = await github_steps.read_last_review(self.item)
        if last and last.head_sha == pull_request.head_sha and not self.order.hint:
            return Outcome(Ending.NOTHING_TO_DO, SEEN, SEEN_ADVICE)
        since = last.head_sha if last and not self.order.hint else ""
        reviewed = await Reviewing(self).review(pull_request, since)
        if isinstance(reviewed, Outcome):
            return reviewed
        return Outcome(Ending.DONE, f"reviewed `{reviewed.head_sha[:8]}`: {reviewed}")
