"""A check of our pull request that turns red after everybody had stopped looking: it is repaired like an early one.

What was looked at before is not looked at again: the same failure of the same commit is nobody's news, and the attempts
count from when a person last had a hand in it.
"""

from collections.abc import Awaitable, Callable

from workflows import github_steps, steps
from workflows.ci import failed
from workflows.item_mailbox import Mailbox
from workflows.model import CiState, Commit, Delivery, PullRequestState, Work, WorkOrder

ReadCi = Callable[[Commit], Awaitable[CiState]]

SEE_TO_CI = frozenset({Work.FIX_CI, Work.AUTO})
"""Work that watches the CI by itself, as long as it does."""


async def is_seen_to(mailbox: Mailbox) -> bool:
    """Whether work here watches the CI, or has watched that of the newest commit: a red check may be told of first."""
    if mailbox.running:
        return mailbox.running.kind in SEE_TO_CI
    return bool(mailbox.ci.sha) and was_watched(mailbox, await github_steps.read_pull_request(mailbox.item))


def was_watched(mailbox: Mailbox, pull_request: PullRequestState) -> bool:
    """Whether the CI of the newest commit was waited for: that of ours may be over before GitHub tells of our push."""
    return pull_request.head_sha == mailbox.ci.sha


async def reddened(mailbox: Mailbox, delivery: Delivery) -> None:
    """Have a failure repaired that nobody has looked at; running work may be about to end, and is waited for."""
    if mailbox.running and mailbox.running.kind in SEE_TO_CI:
        mailbox.put_off(delivery)
        return
    config = await steps.read_config(mailbox.item.source)
    pull_request = await github_steps.read_pull_request(mailbox.item)
    wanted = config.ci.fix and pull_request.ours and pull_request.open and pull_request.head_sha == delivery.sha
    if wanted and await _is_new(mailbox, pull_request):
        await mailbox.accept(WorkOrder(mailbox.item, Work.FIX_CI, delivery.sender, config, unasked=True))


async def failing(commit: Commit, read: ReadCi = github_steps.read_ci) -> tuple[str, ...]:
    """Name the checks that have failed and count; looks twice before it says that there are none: reads may lag."""
    async for _ in github_steps.looks():
        if names := tuple(check.name for check in failed((await read(commit)).checks)):
            return names
    return ()


async def _is_new(mailbox: Mailbox, pull_request: PullRequestState) -> bool:
    """Whether a check has failed that counts and was not looked at before."""
    commit = Commit(mailbox.item, pull_request.head_sha, pull_request.base_branch)
    names = await failing(commit)
    return bool(names) and not mailbox.ci.has_seen(commit.sha, names)
