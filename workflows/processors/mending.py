"""Changing a pull request's branch: the loops that repair it, merge its base, or put it on top of its base."""

from dataclasses import dataclass, replace
from typing import TypeGuard

from temporalio import workflow

from workflows import github_steps
from workflows.branches import commit_subject
from workflows.model import Basis, Ending, LoopResult, LoopSpec, Outcome, PullRequestState, Task
from workflows.patience import READS_LAG
from workflows.processors.processor import Processor, Push

FROM_A_FORK = "it comes from a fork, whose branch is not ours to push to"
FORK_ADVICE = "Its author can do this; `/aidp review` works on it."
CLOSED = "the pull request is closed"
LOOKS_AGAIN = 3
"""How often, where GitHub shows a pull request as it was before our push; after that we go by what git has taken."""
WAITED_FOR = "a push that is not shown yet is waited for"
"""Name of a patch: a run of an older version that took what was shown for what is there goes on so."""


@dataclass(slots=True)
class Attempts:
    """The fixes that one run has pushed, of those it may push until somebody has to look."""

    limit: int
    pushed: int = 0

    @property
    def spent(self) -> bool:
        """Whether no further fix may be pushed."""
        return self.pushed >= self.limit

    def measured(self) -> str:
        """Tell how far it is with them."""
        return f"{self.pushed} of {self.limit} fixes pushed"

    def __str__(self) -> str:
        """Count them in words."""
        return {0: "without a fix", 1: "after one pushed fix"}.get(self.pushed, f"after {self.pushed} pushed fixes")


async def read_mendable(processor: Processor) -> PullRequestState | Outcome:
    """Read the pull request, with our last push in it; an outcome says why its branch cannot be changed."""
    push, processor.push = processor.push, None
    pull_request = await _read(processor)
    if not (push and _is_behind(pull_request, push) and workflow.patched(WAITED_FOR)):
        return pull_request
    for _ in range(LOOKS_AGAIN):
        processor.status.follow(push.after)
        await workflow.sleep(READS_LAG.time)
        pull_request = await _read(processor)
        if not _is_behind(pull_request, push):
            return pull_request
    processor.status.follow(push.after)
    return replace(pull_request, head_sha=push.after)


def _is_behind(pull_request: PullRequestState | Outcome, push: Push) -> TypeGuard[PullRequestState]:
    """Whether this is the pull request as it was before the push."""
    return isinstance(pull_request, PullRequestState) and pull_request.head_sha == push.before != push.after


async def _read(processor: Processor) -> PullRequestState | Outcome:
    pull_request = await github_steps.read_pull_request(processor.item)
    processor.status.follow(pull_request.head_sha)
    if not pull_request.open:
        return Outcome(Ending.NOTHING_TO_DO, CLOSED)
    if pull_request.fork:
        return Outcome(Ending.GAVE_UP, FROM_A_FORK, FORK_ADVICE)
    return pull_request


def mending_spec(processor: Processor, pull_request: PullRequestState, task: Task) -> LoopSpec:
    """Write down a loop that adds one commit to the pull request's branch."""
    return LoopSpec(
        id=processor.child_id("loop"),
        source=processor.source,
        branch=pull_request.head_branch,
        start_branch=pull_request.base_branch,
        task=task,
        commit_message=commit_subject(task.title),
        number=processor.item.number,
        config=processor.config,
        report_to=workflow.info().workflow_id,
        basis=Basis.AMEND,
        keep_tests=True,
    )


async def bring_up_to_date(processor: Processor, pull_request: PullRequestState, basis: Basis) -> LoopResult:
    """Merge the base into the branch, or put the branch on top of it; an agent resolves what git cannot."""
    task = Task(f"Bring up to date with {pull_request.base_branch}", CONFLICTS.format(title=pull_request.title))
    return await mend(processor, pull_request, replace(mending_spec(processor, pull_request, task), basis=basis))


async def mend(processor: Processor, pull_request: PullRequestState, spec: LoopSpec) -> LoopResult:
    """Run a loop that changes the branch, and remember what it has pushed: GitHub's reads may not show it at once."""
    result = await processor.run_loop(spec)
    if result.published:
        processor.push = Push(pull_request.head_sha, result.published.head_sha)
    return result


CONFLICTS = """\
This branch is about: {title}

Its base has moved on, and git could not merge everything by itself. Resolve every conflict that is marked in the files
(`<<<<<<<`, `=======`, `>>>>>>>`): keep what both sides meant, and remove the markers. Change nothing else.
"""


def unmended(outcome: Outcome, what: str, advice: str) -> Outcome:
    """Say how a loop ended that was to repair something: to find nothing to do is no good end for it."""
    if outcome.ending is not Ending.NOTHING_TO_DO:
        return outcome
    return Outcome(Ending.GAVE_UP, f"{what}, but {outcome.reason}", advice)
