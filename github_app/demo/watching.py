"""Watching the local GitHub: whatever aidp writes there is told as it appears."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import anyio

from github_app.demo.github import Issue, Repository
from github_app.demo.github.model import ReviewComment
from github_app.demo.page import Show

GLANCE_SECONDS = 0.05
BOT = "aidp[bot]"
TITLE = re.compile(r"\*\*(.+?)\*\*")
SHA = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{32}\b")
EMOJI = {"eyes": "👀", "rocket": "🚀", "confused": "😕"}
Fact = tuple[str, str, str]
"""What it is about, who did it, and what is so now."""


@dataclass(slots=True)
class Watcher:
    """Remembers what has been told, and tells what is new."""

    repository: Repository
    show: Show
    known: dict[str, str] = field(default_factory=dict[str, str])

    async def watch(self) -> None:
        """Look again and again."""
        while True:
            self.look()
            await anyio.sleep(GLANCE_SECONDS)

    def look(self) -> None:
        """Tell what is new or different."""
        for about, who, what in facts(self.repository):
            if self.known.get(about) != what:
                self.known[about] = what
                self.show(who, SHA.sub(r"\1", what))


def facts(repository: Repository) -> Iterator[Fact]:
    """Say all that is so now and was written by aidp, or found by the CI."""
    for reaction in list(repository.reactions.values()):
        if reaction.user.login == BOT:
            emoji = EMOJI.get(reaction.content, reaction.content)
            yield f"reaction {reaction.id}", "aidp", f"{emoji} on {_named(repository, *reaction.subject)}"
    for issue in list(repository.issues.values()):
        if issue.pull:
            yield from _pull_request(issue)
        yield from _labels(issue)
    for comment in list(repository.comments.values()):
        if comment.user.login == BOT:
            yield f"comment {comment.id}", "aidp", f"comment on #{comment.number}: {headline(comment.body)}"
    yield from _checks(repository)
    yield from _reviews(repository)


def headline(body: str) -> str:
    """Find the line that says most: the first one, or what is bold in it."""
    line = next((line for line in body.splitlines() if line and not line.startswith("<!--")), "")
    return TITLE.sub(r"\1", line)


def _named(repository: Repository, kind: str, identity: int) -> str:
    if kind == "issue":
        return f"#{identity}"
    comment = repository.comments.get(identity)
    return f"“{comment.body.splitlines()[0]}”" if comment else kind.replace("_", " ")


def _pull_request(issue: Issue) -> Iterator[Fact]:
    if issue.pull and issue.user.login == BOT:
        state = "draft" if issue.pull.draft else "ready for review"
        yield f"pull {issue.number}", "aidp", f"pull request #{issue.number} “{issue.title}”: {state}"
        yield f"head {issue.number}", "aidp", f"{issue.pull.head} is at {issue.pull.head_sha[:8]}"


def _labels(issue: Issue) -> Iterator[Fact]:
    told = " ".join(f"`{name}`" for name in issue.labels) or "none"
    yield f"labels {issue.number}", "GitHub", f"labels of #{issue.number}: {told}"


def _checks(repository: Repository) -> Iterator[Fact]:
    for run in list(repository.check_runs.values()):
        if run.app.slug != "aidp" and run.conclusion:
            icon = "🟢" if run.conclusion == "success" else "🔴"
            yield f"check {run.id}", "CI", f"{icon} `{run.name}` of {run.head_sha[:8]}: {run.conclusion}"


def _reviews(repository: Repository) -> Iterator[Fact]:
    for review in list(repository.reviews.values()):
        if review.user.login == BOT and review.body:
            yield f"review {review.id}", "aidp", f"review of #{review.number} at {review.commit_id[:8]}"
    for comment in list(repository.review_comments.values()):
        if comment.user.login == BOT:
            yield f"remark {comment.id}", "aidp", _remark(repository, comment)
    for thread in list(repository.threads.values()):
        if thread.resolved_by:
            who = "aidp" if thread.resolved_by.login == BOT else f"@{thread.resolved_by.login}"
            yield f"resolved {thread.id}", who, f"thread at {thread.spot.path}, line {thread.spot.line}: resolved"


def _remark(repository: Repository, comment: ReviewComment) -> str:
    spot = repository.threads[comment.thread_id].spot
    what = "reply" if comment.in_reply_to else "comment"
    return f"{what} at {spot.path}, line {spot.line}: {headline(comment.body)}"
