"""`aidp-rebase` on a pull request: bring its branch up to date with its base, conflicts included.

Only branches of our own are rewritten; somebody else's, or one that has somebody else's commits, gets a merge commit.
"""

from temporalio import workflow

from workflows.model import Basis, Ending, Outcome, PullRequestState, WorkOrder
from workflows.processors.mending import bring_up_to_date, read_mendable
from workflows.processors.processor import Processor

REBASED = "`{branch}` is now on top of `{base}`"
MERGED = "`{base}` is merged into `{branch}`, which is not ours to rewrite"
MIXED = "`{base}` is merged into `{branch}`: it has commits that are not ours, and those are never rewritten"


@workflow.defn
class RebaseProcessorWorkflow(Processor):
    """One rebase of one branch."""

    @workflow.init
    def __init__(self, order: WorkOrder) -> None:
        super().__init__(order)

    @workflow.run
    async def run(self, order: WorkOrder) -> Outcome:
        """Rebase, and tell how it ended whatever happened."""
        del order  # `__init__` has it
        return await self.conclude(self._rebase)

    async def _rebase(self) -> Outcome:
        pull_request = await read_mendable(self)
        if isinstance(pull_request, Outcome):
            return pull_request
        wanted = Basis.REBASE if pull_request.ours else Basis.MERGE
        result = await bring_up_to_date(self, pull_request, wanted)
        if result.outcome.ending is not Ending.DONE:
            return result.outcome
        if result.published:
            self.status.follow(result.published.head_sha)
        done = result.published.basis if result.published else wanted
        return Outcome(Ending.DONE, _told(pull_request, done))


def _told(pull_request: PullRequestState, done: Basis) -> str:
    text = REBASED if done is Basis.REBASE else MIXED if pull_request.ours else MERGED
    return text.format(branch=pull_request.head_branch, base=pull_request.base_branch)
