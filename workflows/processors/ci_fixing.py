"""From red CI to green: look why, run accidents again, let an agent repair the rest, and know when to stop.

Everything is driven by events on the head commit; waiting costs nothing.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.workflow import ChildWorkflowHandle

from workflows import github_steps
from workflows.ci import accidental, failed
from workflows.commit_watch import CommitWatch, CommitWatchWorkflow, watch_id
from workflows.model import (
    Basis,
    CiCheck,
    CiLog,
    CiLogRequest,
    CiState,
    CiVerdict,
    Commit,
    Ending,
    EventKind,
    Outcome,
    PullRequestState,
    Task,
)
from workflows.processors.mending import Attempts, bring_up_to_date, mend, mending_spec, read_mendable, unmended
from workflows.processors.processor import Processor

WAITING = "It waits for the CI of `{sha}`"
GREEN = "the CI is green on `{sha}`"
RED = "the CI is red on `{sha}` ({names})"
NO_CI = "no CI ran on `{sha}`"
STUCK = "a check of `{sha}` waits for a person: {names}"
STUCK_ADVICE = "Somebody with write permission has to approve that run on GitHub; then `/aidp fix-ci` again."
SPENT = "the CI is still red on `{sha}` {after}: {names}"
STUBBORN = "the same checks fail as before the last fix, on `{sha}`: {names}"
ADVICE = "Somebody has to look. `/aidp fix-ci hint` tries again, with what you know."
MOVED_ON = frozenset({EventKind.PUSHED, EventKind.BASE_PUSHED})
"""News after which the CI of a commit is not what matters any more."""
NUMBERS = re.compile(r"[0-9]+")
TASK = """\
The CI of this branch fails. Find the cause, and repair it in the code: reproduce the failure here first if you can, and
run it again when you are done. Do not delete, skip or weaken tests, and do not touch the CI's own configuration.
{hint}
{logs}
"""


class CiFixing:
    """Brings the CI of one pull request to green; what was tried is remembered in the processor's lineage."""

    def __init__(self, processor: Processor, attempts: Attempts) -> None:
        self._processor = processor
        self._attempts = attempts

    async def until_green(self) -> Outcome:
        """Watch and repair until the CI is green, or somebody has to look."""
        self._processor.status.measure(self._attempts.measured)
        while True:
            pull_request = await read_mendable(self._processor)
            if isinstance(pull_request, Outcome):
                return pull_request
            if outcome := await self._step(pull_request):
                return outcome

    async def _step(self, pull_request: PullRequestState) -> Outcome | None:
        """Do what one look at the pull request calls for; `None` asks for another look."""
        if pull_request.conflicts:
            return await self._merge(pull_request)
        commit = Commit(self._processor.item, pull_request.head_sha, pull_request.base_branch)
        self._processor.ci = self._processor.ci.having_seen(commit.sha, ())
        state = await self._settled(commit)
        if not state:
            return None  # it moved on while we waited
        if state.verdict is not CiVerdict.RED:
            return _verdict(state)
        return await self._repair(pull_request, CiLogRequest(commit, failed(state.checks)))

    async def _settled(self, commit: Commit) -> CiState | None:
        """Wait until the checks of a commit have settled; `None` when the pull request has moved on meanwhile."""
        processor = self._processor
        watch = await _start_watch(CommitWatch(commit, processor.config.ci.settle_seconds))
        reason = WAITING.format(sha=commit.sha[:8])
        await processor.wait(reason, lambda: watch.done() or any(news.kind in MOVED_ON for news in processor.news))
        if watch.done():
            return await watch
        watch.cancel()
        await workflow.wait([watch])
        processor.news = [news for news in processor.news if news.kind not in MOVED_ON]
        return None

    async def _merge(self, pull_request: PullRequestState) -> Outcome | None:
        result = await bring_up_to_date(self._processor, pull_request, Basis.MERGE)
        return None if result.outcome.ending is Ending.DONE else result.outcome

    async def _repair(self, pull_request: PullRequestState, request: CiLogRequest) -> Outcome | None:
        sha, processor = request.commit.sha, self._processor
        names = _names(request.checks)
        processor.ci = processor.ci.having_seen(sha, (check.name for check in request.checks))
        logs = await github_steps.read_ci_logs(request)
        if await self._was_an_accident(request, logs):
            return None
        if self._attempts.spent:
            reason = SPENT.format(sha=sha[:8], after=self._attempts, names=", ".join(names))
            return Outcome(Ending.GAVE_UP, reason, ADVICE)
        if processor.ci.failure == (failure := _signature(logs)):
            return Outcome(Ending.GAVE_UP, STUBBORN.format(sha=sha[:8], names=", ".join(names)), ADVICE)
        task = Task(f"Repair the CI: {', '.join(names)}"[:200], self._task_text(logs))
        result = await mend(processor, pull_request, mending_spec(processor, pull_request, task))
        if result.outcome.ending is not Ending.DONE:
            return unmended(result.outcome, RED.format(sha=sha[:8], names=", ".join(names)), ADVICE)
        self._attempts.pushed += 1
        processor.ci = replace(processor.ci, pushed=processor.ci.pushed + 1, failure=failure)
        return None

    async def _was_an_accident(self, request: CiLogRequest, logs: tuple[CiLog, ...]) -> bool:
        """Run again, once per commit, what looks like nobody's fault."""
        sha, processor = request.commit.sha, self._processor
        if not processor.config.ci.rerun or sha == processor.ci.rerun or not accidental(request.checks, logs):
            return False
        processor.ci = replace(processor.ci, rerun=sha)
        return await github_steps.rerun_ci(request)

    def _task_text(self, logs: Iterable[CiLog]) -> str:
        hint = self._processor.order.hint
        parts = [f"### {log.name}\n\n{log.text}" for log in logs]
        return TASK.format(hint=f"\n{hint}\n" if hint else "", logs="\n\n".join(parts))


def _verdict(state: CiState) -> Outcome:
    sha = state.sha[:8]
    match state.verdict:
        case CiVerdict.STUCK:
            names = ", ".join(_names(check for check in state.checks if check.conclusion == "action_required"))
            return Outcome(Ending.GAVE_UP, STUCK.format(sha=sha, names=names), STUCK_ADVICE)
        case CiVerdict.NONE:
            return Outcome(Ending.NOTHING_TO_DO, NO_CI.format(sha=sha))
        case _:
            return Outcome(Ending.DONE, GREEN.format(sha=sha))


async def _start_watch(watch: CommitWatch) -> ChildWorkflowHandle[CommitWatchWorkflow, CiState]:
    item = watch.commit.item
    name = watch_id(item.repository_id, watch.commit.sha)
    try:
        return await workflow.start_child_workflow(CommitWatchWorkflow.run, watch, id=name)
    except WorkflowAlreadyStartedError:  # another pull request has the same head: this one looks now and then
        return await workflow.start_child_workflow(CommitWatchWorkflow.run, watch, id=f"{name}:{item.number}")


def _names(checks: Iterable[CiCheck]) -> list[str]:
    return [f"`{check.name}`" for check in checks][:10]


def _signature(logs: Iterable[CiLog]) -> str:
    """Tell one failure from another, but not by numbers, which are times more often than not."""
    told = "\0".join(f"{log.name}\n{NUMBERS.sub('0', log.text)}" for log in logs)
    return hashlib.sha256(told.encode()).hexdigest()
