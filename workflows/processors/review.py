"""`aidp-review` on a pull request: look at all of it, or at what is new, and post one review."""

from collections.abc import Iterable

from temporalio import workflow

from workflows import github_steps
from workflows.model import Ending, Outcome, PostedReview, WorkOrder
from workflows.processors.processor import Processor
from workflows.processors.reviewing import FOCUS, Assignment, Reviewing, focus_key

SEEN = "this commit has been reviewed already"
SEEN_ADVICE = "Push something new, or say what to look for: `/aidp review focus`."
SEEN_SO = "this commit has been reviewed with this focus already"
SEEN_SO_ADVICE = "Push something new, or say what else to look for."


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
        earlier = await github_steps.read_own_reviews(self.item)
        if outcome := self._seen(pull_request.head_sha, earlier):
            return outcome
        focus, since = self.order.hint, "" if self.order.hint.strip() else _last_whole(earlier)
        reviewed = await Reviewing(self).review(Assignment(pull_request, focus, since, focus_key(focus)))
        if isinstance(reviewed, Outcome):
            return reviewed
        return Outcome(Ending.DONE, f"reviewed `{reviewed.head_sha[:8]}`: {reviewed}")

    def _seen(self, head_sha: str, earlier: Iterable[PostedReview]) -> Outcome | None:
        """Spend nothing on what would be posted a second time."""
        key = focus_key(self.order.hint)
        of_head = [review.key for review in earlier if review.head_sha == head_sha]
        if key:
            return Outcome(Ending.NOTHING_TO_DO, SEEN_SO, SEEN_SO_ADVICE) if key in of_head else None
        return Outcome(Ending.NOTHING_TO_DO, SEEN, SEEN_ADVICE) if any(map(_is_whole, of_head)) else None


def _last_whole(reviews: Iterable[PostedReview]) -> str:
    """Find the newest commit that was looked at for everything."""
    return next((review.head_sha for review in reversed(tuple(reviews)) if _is_whole(review.key)), "")


def _is_whole(key: str) -> bool:
    return not key.startswith(FOCUS)
