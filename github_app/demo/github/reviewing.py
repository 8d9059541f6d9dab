"""Reviews of pull requests: submitting them, the threads they open, and what becomes of those."""

from dataclasses import dataclass, replace

from github_app.demo.github.merging import Merging
from github_app.demo.github.model import Issue, Json, Repository, Review, ReviewComment, Spot, Thread, User
from github_app.demo.github.shapes import reviews as shapes
from github_app.demo.github.shapes.pulls import bare_pull, pull_of
from github_app.demo.github.threads import carry, excerpt_of, patches_between
from github_app.demo.github.tracker import Tracker
from github_app.demo.github.webhooks import Event, emit
from github_app.demo.github.world import World, not_found, unprocessable

STATES = {"COMMENT": "COMMENTED", "APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "": "PENDING"}
"""What each event of a review leads to; a review without an event waits to be submitted."""
OWN = {"APPROVE": "approve", "REQUEST_CHANGES": "request changes on"}


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment on some lines, to be made with a review."""

    path: str
    line: int
    body: str
    side: str = "RIGHT"
    start_line: int | None = None
    start_side: str | None = None

    @property
    def spot(self) -> Spot:
        """The lines."""
        start_side = self.start_side or self.side if self.start_line else None
        return Spot(self.path, self.line, self.side, self.start_line, start_side)


@dataclass(frozen=True, slots=True)
class ReviewDraft:
    """A review to be submitted."""

    event: str = "COMMENT"
    body: str = ""
    comments: tuple[Remark, ...] = ()
    commit_id: str | None = None
    """The commit it is about; the newest one, if nothing is said."""


class Reviewing:
    """One repository's reviews, as one user writes them."""

    def __init__(self, world: World, repository: Repository, by: User) -> None:
        self._world, self._repository, self._by = world, repository, by

    # --- reviews ------------------------------------------------------------------------------------------------------

    def find(self, review_id: int) -> Review:
        """Find a review; one that waits to be submitted is its author's secret."""
        found = self._repository.reviews.get(review_id)
        if not found or (found.state == "PENDING" and found.user != self._by):
            raise not_found()
        return found

    async def submit(self, number: int, draft: ReviewDraft) -> Review:
        """Review a pull request: all of the draft, or an error and nothing."""
        issue = Merging(self._world, self._repository, self._by).find(number)
        _refuse_nonsense(draft, own=issue.user == self._by)
        commit_id = draft.commit_id or pull_of(issue).head_sha
        threads = await self._threads(issue, commit_id, [it.spot for it in draft.comments])
        review = self._insert(number, draft, commit_id)
        for thread, remark in zip(threads, draft.comments, strict=True):
            self._repository.threads[thread.id] = thread
            self._add(review, thread, remark.body)
        await self._catch_up(issue, threads)
        if review.state != "PENDING":
            self._announce(review)
        return review

    def send(self, review_id: int, event: str, body: str) -> Review:
        """Submit a review that waited."""
        review = self.find(review_id)
        if review.state != "PENDING":
            raise unprocessable("Can not submit a review that is not pending")
        _refuse_nonsense(ReviewDraft(event, body or review.body), own=self._issue(review).user == self._by)
        now = self._world.now()
        review = self._save(replace(review, state=STATES[event], body=body or review.body, submitted_at=now))
        self._announce(review)
        return review

    def edit(self, review_id: int, body: str) -> Review:
        """Change the text of a review."""
        before = self.find(review_id)
        review = self._save(replace(before, body=body))
        self._tell("edited", review, {"changes": {"body": {"from": before.body}}})
        return review

    def dismiss(self, review_id: int) -> Review:
        """Take the weight off a review."""
        review = self.find(review_id)
        if review.state not in ("APPROVED", "CHANGES_REQUESTED"):
            raise unprocessable("Can not dismiss a commented pull request review")
        review = self._save(replace(review, state="DISMISSED"))
        self._tell("dismissed", review)
        return review

    def _insert(self, number: int, draft: ReviewDraft, commit_id: str) -> Review:
        state, now = STATES[draft.event], self._world.now()
        submitted = None if state == "PENDING" else now
        review = Review(self._world.next_id(), number, self._by, draft.body, state, commit_id, submitted, now)
        self._repository.reviews[review.id] = review
        return review

    def _save(self, review: Review) -> Review:
        review = replace(review, updated_at=self._world.now())
        self._repository.reviews[review.id] = review
        return review

    def _announce(self, review: Review) -> None:
        """Tell of a review and of each of its comments; its author is waited for no longer."""
        issue = self._issue(review)
        pull = pull_of(issue)
        waited_for = tuple(who for who in pull.reviewers if who != review.user)
        Tracker(self._world, self._repository, self._by).save(replace(issue, pull=replace(pull, reviewers=waited_for)))
        self._tell("submitted", review)
        for comment in self.comments_of(review):
            self._tell_comment("created", comment)

    def _tell(self, action: str, review: Review, more: Json | None = None) -> None:
        pull = bare_pull(self._world, self._repository, self._issue(review))
        told = shapes.told_review(self._world, self._repository, review)
        content = {"review": told, "pull_request": pull, **(more or {})}
        emit(self._world, Event("pull_request_review", action, self._by, content, self._repository))

    def _issue(self, of: Review | Thread) -> Issue:
        return self._repository.issues[of.number]

    # --- threads ------------------------------------------------------------------------------------------------------

    async def _threads(self, issue: Issue, commit_id: str, spots: list[Spot]) -> list[Thread]:
        base = await Merging(self._world, self._repository, self._by).merge_base(pull_of(issue))
        if await self._world.git(self._repository).resolve(commit_id) is None:
            raise unprocessable("The commit_id is not part of the pull request")
        patches = await patches_between(self._world, self._repository, (base, commit_id)) if spots else {}
        excerpts = [excerpt_of(patches, spot) for spot in spots]
        return [
            Thread(self._world.next_id(), issue.number, spot, shown, commit_id, spot, commit_id)
            for spot, shown in zip(spots, excerpts, strict=True)
        ]

    async def _catch_up(self, issue: Issue, threads: list[Thread]) -> None:
        """Bring threads about an older commit to the head."""
        head = pull_of(issue).head_sha
        stale = [thread for thread in threads if thread.commit_id != head]
        if stale:
            await carry(self._world, self._repository, stale, (stale[0].commit_id, head))

    def find_thread(self, thread_id: int) -> Thread:
        """Find a thread."""
        if found := self._repository.threads.get(thread_id):
            return found
        raise not_found()

    def resolve(self, thread_id: int, *, resolved: bool = True) -> Thread:
        """Say that a thread is settled, or that it is not."""
        thread = replace(self.find_thread(thread_id), resolved_by=self._by if resolved else None)
        self._repository.threads[thread_id] = thread
        comments = [it for it in self._repository.review_comments.values() if it.thread_id == thread_id]
        shown = [shapes.comment(self._world, self._repository, it) for it in comments]
        told: Json = {
            "thread": {"node_id": shapes.thread_node(thread), "comments": shown},
            "pull_request": bare_pull(self._world, self._repository, self._issue(thread)),
        }
        action = "resolved" if resolved else "unresolved"
        emit(self._world, Event("pull_request_review_thread", action, self._by, told, self._repository))
        return thread

    # --- comments -----------------------------------------------------------------------------------------------------

    def find_comment(self, comment_id: int) -> ReviewComment:
        """Find a comment."""
        if found := self._repository.review_comments.get(comment_id):
            return found
        raise not_found()

    def comments_of(self, review: Review) -> list[ReviewComment]:
        """List the comments made with a review."""
        return [it for it in self._repository.review_comments.values() if it.review_id == review.id]

    def reply(self, number: int, comment_id: int, body: str) -> ReviewComment:
        """Answer in a thread; to GitHub that is a small review of its own."""
        first = self.find_comment(comment_id)
        thread = self._repository.threads[first.thread_id]
        if thread.number != number or first.in_reply_to:
            raise not_found()
        review = self._insert(number, ReviewDraft(), thread.head_id)
        comment = self._add(review, thread, body, first.id)
        self._announce(review)
        return comment

    def edit_comment(self, comment_id: int, body: str) -> ReviewComment:
        """Change the text of a comment."""
        before = self.find_comment(comment_id)
        comment = replace(before, body=body, updated_at=self._world.now())
        self._repository.review_comments[comment_id] = comment
        self._tell_comment("edited", comment, {"changes": {"body": {"from": before.body}}})
        return comment

    def _add(self, review: Review, thread: Thread, body: str, answered: int | None = None) -> ReviewComment:
        now, identity = self._world.now(), self._world.next_id()
        comment = ReviewComment(identity, review.id, thread.id, self._by, body, now, now, answered)
        self._repository.review_comments[comment.id] = comment
        return comment

    def _tell_comment(self, action: str, comment: ReviewComment, more: Json | None = None) -> None:
        issue = self._issue(self._repository.threads[comment.thread_id])
        told = shapes.comment(self._world, self._repository, comment)
        content = {"comment": told, "pull_request": bare_pull(self._world, self._repository, issue), **(more or {})}
        emit(self._world, Event("pull_request_review_comment", action, self._by, content, self._repository))


def _refuse_nonsense(draft: ReviewDraft, *, own: bool) -> None:
    if draft.event not in STATES:
        raise unprocessable("Event is not included in the list")
    if own and draft.event in OWN:
        raise unprocessable(f"Review Can not {OWN[draft.event]} your own pull request")
    if not draft.body and not draft.comments and draft.event in ("COMMENT", "REQUEST_CHANGES"):
        raise unprocessable("Body can't be blank")
    if not all(remark.body for remark in draft.comments):
        raise unprocessable("Pull request review comment body can't be blank")
