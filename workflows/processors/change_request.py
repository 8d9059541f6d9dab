"""`aidp-request-changes` on a pull request: do what reviews ask for, and say in each thread what became of it."""

import re
from dataclasses import dataclass

from temporalio import workflow

from workflows import github_steps
from workflows.model import (
    Ending,
    LoopResult,
    Outcome,
    PullRequestState,
    ReviewComment,
    Task,
    ThreadReplies,
    ThreadReply,
    WorkOrder,
)
from workflows.processors.mending import mending_spec, read_mendable, unmended
from workflows.processors.processor import Processor

NOTHING = "no review asks for a change, and no thread is open"
NOTHING_ADVICE = "Say what to change: `/aidp fix what`."
VERDICT = re.compile(r"^\W*ITEM (\d+)\W+(DONE|QUESTION|REFUSED)\b[\s:—-]*(.*)$", re.MULTILINE)
"""How the agent tells what became of an item."""
DONE_REPLY = "Done in {sha}. {text}"
OTHER_REPLIES = {"QUESTION": "A question first: {text}", "REFUSED": "Not changed: {text}"}
SILENT_REPLY = "This was part of the work that led to {sha}. Reopen the thread's point if it is not what you meant."
TASK = """\
Reviewers want changes to this pull request. Do each of these, and nothing else.

{items}

End your answer, before the status line, with one line for each item:
`ITEM 1: DONE` and what you did, `ITEM 1: QUESTION` and what has to be decided first, or `ITEM 1: REFUSED` and why.
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What the agent said of one item."""

    word: str
    text: str


@workflow.defn
class ChangeRequestProcessorWorkflow(Processor):
    """One round of changes."""

    @workflow.init
    def __init__(self, order: WorkOrder) -> None:
        super().__init__(order)

    @workflow.run
    async def run(self, order: WorkOrder) -> Outcome:
        """Change what is asked for, and tell how it ended whatever happened."""
        del order  # `__init__` has it
        return await self.conclude(self._change)

    async def _change(self) -> Outcome:
        pull_request = await read_mendable(self)
        if isinstance(pull_request, Outcome):
            return pull_request
        comments = await github_steps.read_review_comments(self.item)
        if not comments and not self.order.hint:
            return Outcome(Ending.NOTHING_TO_DO, NOTHING, NOTHING_ADVICE)
        result = await self._work_on(pull_request, comments)
        if not result.published:
            return await self._unpublished(result, comments)
        self.status.follow(result.published.head_sha)
        return await self._tell(result, comments)

    async def _work_on(self, pull_request: PullRequestState, comments: tuple[ReviewComment, ...]) -> LoopResult:
        items = [self.order.hint] if self.order.hint else []
        items += [_item(comment) for comment in comments]
        text = TASK.format(items="\n\n".join(f"### Item {number}\n\n{item}" for number, item in enumerate(items, 1)))
        title = f"Change what reviews of #{pull_request.number} ask for"
        return await self.run_loop(mending_spec(self, pull_request, Task(title, text)))

    async def _unpublished(self, result: LoopResult, comments: tuple[ReviewComment, ...]) -> Outcome:
        """Ask the agent's questions, if that is why nothing changed."""
        told = self._told(result)
        if told:
            await self._reply(comments, told, "")
        return unmended(result.outcome, "changes were asked for", NOTHING_ADVICE)

    async def _tell(self, result: LoopResult, comments: tuple[ReviewComment, ...]) -> Outcome:
        sha = result.published.head_sha if result.published else ""
        told = self._told(result)
        await self._reply(comments, told, sha)
        open_ones = [it for it in told.values() if it.word != "DONE"]
        if open_ones:
            reason = (
                f"changed in `{sha[:8]}`, but {len(open_ones)} of {len(comments)} wait for an answer in their threads"
            )
            return Outcome(Ending.GAVE_UP, reason, "Answer there, then `/aidp fix`.")
        return Outcome(Ending.DONE, f"all {len(comments) or 1} changes are in `{sha[:8]}`")

    def _told(self, result: LoopResult) -> dict[int, Told]:
        """Read what the agent said, by the place of the comment."""
        shift = 2 if self.order.hint else 1
        return {int(number) - shift: Told(word, text.strip()) for number, word, text in VERDICT.findall(result.message)}

    async def _reply(self, comments: tuple[ReviewComment, ...], told: dict[int, Told], sha: str) -> None:
        replies = [self._answer(comment, told.get(place), sha) for place, comment in enumerate(comments)]
        await github_steps.reply_to_threads(ThreadReplies(self.item, tuple(reply for reply in replies if reply)))

    def _answer(self, comment: ReviewComment, told: Told | None, sha: str) -> ThreadReply | None:
        key = f"{workflow.info().run_id}:{comment.id}"
        if told and told.word != "DONE":
            return ThreadReply(comment, OTHER_REPLIES[told.word].format(text=told.text), resolved=False, key=key)
        if not sha:
            return None
        if not told:
            return ThreadReply(comment, SILENT_REPLY.format(sha=sha), resolved=False, key=key)
        return ThreadReply(comment, DONE_REPLY.format(sha=sha, text=told.text).strip(), resolved=True, key=key)


def _item(comment: ReviewComment) -> str:
    """Write a review comment for the agent."""
    place = (
        f"`{comment.path}`, line {comment.line}, where it says\n\n```diff\n{comment.hunk}\n```\n"
        if comment.path
        else ""
    )
    return f"{place}\n{comment.author.login} wants:\n\n{comment.text}".strip()
