"""A bad day at GitHub, before the eyes of the reader: what goes wrong, what is brought back, and the verdict."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import anyio

from github_app.demo.github import LocalGitHub, Repository
from github_app.demo.github.faults import Injected, violations
from github_app.demo.github.model import Delivery
from github_app.demo.page import Show
from github_app.demo.watching import BOT, GLANCE_SECONDS

MARKER = re.compile(r"<!-- (aidp:[^>]+?) -->")
LEAP = timedelta(minutes=10)
"""A minute after it was lost, a webhook is asked for again. A longer leap is noticed: it makes signatures expire."""
PATIENCE_SECONDS, NEXT_LEAP_SECONDS = 1.0, 4.0
"""Before the first leap for a lost webhook, and between leaps for one that is lost again and again."""
UNDER_WAY = timedelta(seconds=0.5)
"""A call that was on its way when another one was told to wait could not know."""


@dataclass(slots=True)
class BadDay:
    """Tells of the faults as they happen, and lets the time pass after which GitHub is asked for lost webhooks."""

    github: LocalGitHub
    show: Show
    faults: int = 0
    deliveries: int = 0
    lost: dict[str, float] = field(default_factory=dict[str, float])
    """When each webhook was lost that has not come again."""
    recovered: int = 0
    hurried: float = 0.0

    async def watch(self) -> None:
        """Look again and again."""
        while True:
            self.look()
            await anyio.sleep(GLANCE_SECONDS)

    def look(self) -> None:
        """Tell what is new, and hurry GitHub's clock when something waits for it."""
        for injected in self.github.faults.injected[self.faults :]:
            self.faults += 1
            if not injected.guid:
                self.show("trouble", self._words(injected))
        for delivery in self.github.deliveries[self.deliveries :]:
            self.deliveries += 1
            self._follow(delivery)
        if self._is_waited_for():
            self.hurried = time.monotonic()
            self.github.advance(LEAP)
            self.show("demo", "ten minutes pass at GitHub, so that nobody has to wait for them")

    def _is_waited_for(self) -> bool:
        now = time.monotonic()
        losses = [since for since in self.lost.values() if now - since > PATIENCE_SECONDS]
        return any(since > self.hurried for since in losses) or (
            bool(losses) and now - self.hurried > NEXT_LEAP_SECONDS
        )

    def _words(self, injected: Injected) -> str:
        call = self.github.calls[injected.call - 1] if injected.call else None
        late = ", after it was carried out" if call and call.committed else ""
        return f"{injected.kind.replace('_', ' ')} at {re.sub('/repos/[^/]+/[^/]+', '…', injected.what)}{late}"

    def _follow(self, delivery: Delivery) -> None:
        name = f"{delivery.event}.{delivery.action}" if delivery.action else delivery.event
        taken = 200 <= delivery.status_code < 300  # noqa: PLR2004  # HTTP's own numbers
        if not taken and delivery.guid not in self.lost:
            self.lost[delivery.guid] = time.monotonic()
            self.show("trouble", f"webhook {name} is lost")
        elif taken and (since := self.lost.pop(delivery.guid, None)):
            self.recovered += 1
            self.show(
                "GitHub", f"webhook {name} is delivered again, {time.monotonic() - since:.1f} s after it was lost"
            )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the logs and the repository prove."""

    forbidden: tuple[str, ...]
    """Calls that were made although GitHub had said to wait."""
    effects: int
    doubled: tuple[str, ...]

    def __str__(self) -> str:
        """Say it to people."""
        twice = f"done twice: {', '.join(self.doubled)}" if self.doubled else "each of them once"
        calls = f" ({', '.join(self.forbidden)})" if self.forbidden else ""
        return f"{len(self.forbidden)} calls while GitHub had said to wait{calls}; {self.effects} effects, {twice}"


async def judge(github: LocalGitHub, repository: Repository) -> Verdict:
    """Count what aidp did: whatever carries its mark must be there once."""
    counts = Counter(_written(repository))
    for issue in repository.issues.values():
        if issue.pull:
            commits = await github.world.git(repository).commits(f"{issue.pull.base_sha}..{issue.pull.head_sha}")
            counts.update(f"commit “{commit.message.splitlines()[0]}”" for commit in commits)
    doubled = tuple(what for what, count in counts.items() if count > 1)
    forbidden = tuple(f"{call.method} {call.path}" for call in violations(github.calls, UNDER_WAY))
    return Verdict(forbidden, counts.total(), doubled)


def _written(repository: Repository) -> Iterator[str]:
    for comment in repository.comments.values():
        if comment.user.login == BOT:
            yield f"#{comment.number} {_mark(comment.body)}"
    for review in repository.reviews.values():
        if review.user.login == BOT and review.body:
            yield f"#{review.number} {_mark(review.body)}"
    for remark in repository.review_comments.values():
        if remark.user.login == BOT:
            yield f"thread {remark.thread_id} {_mark(remark.body)}"
    for issue in repository.issues.values():
        if issue.pull and issue.user.login == BOT:
            yield f"pull request of {issue.pull.head}"


def _mark(body: str) -> str:
    marks = MARKER.findall(body)
    return marks[-1] if marks else body
