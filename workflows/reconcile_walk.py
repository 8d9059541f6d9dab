"""The walk through the repositories of an installation: many with one query, fewer where GitHub has trouble with that.

What is GitHub's trouble is no reason to wait: the next walk comes within minutes, and begins where this one left off.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, is_cancelled_exception

from workflows.model import Failure
from workflows.model.reconciling import Busy, Covered, Finding, Known, Looks, Quota, Reconciled, Round
from workflows.model.repositories import Change, RepositoryChange
from workflows.ports import NEVER_RETRIED
from workflows.reconcile_looks import FAILED, NOBODY, innermost, judge
from workflows.reconcile_ports import ASK_ALL, CALL, Repositories, Running

BATCH = 25
"""Repositories in one query: GitHub counts what a query could return, and refuses one that could be too much."""
OUTAGE = 12
"""So many failures in a row are no fault of a few repositories: a query is halved five times before one is alone."""
GONE_ARE_DOUBTED = "what is not shown is doubted"
"""Name of a patch: a walk that an older version began forgets it."""
NOT_SHOWN = "it is not shown to the App any more"
NOT_NOW = "not looked at: {reason}"
LOW_QUOTA = "{remaining} of {limit} calls are left for running work until {reset}"

run_activity = workflow.execute_activity_method


class Walk:
    """Goes from repository to repository, and remembers what it saw."""

    def __init__(self, begun: Round) -> None:
        self._left = begun.left
        self._looked = list(begun.looked)
        self._findings = list(begun.findings)
        self._unseen = begun.unseen
        self._size = BATCH
        self._failures = 0
        self._halted = False

    @property
    def goes_on(self) -> bool:
        """Whether there is more to look at, and GitHub lets us."""
        return bool(self._left.repositories) and not self._halted

    @property
    def round(self) -> Round:
        """What the next history goes on with."""
        return Round(self._left, tuple(self._looked), tuple(self._findings), self._unseen)

    @property
    def found(self) -> Reconciled:
        """Everything; what was not looked at comes first in the next walk."""
        covered = replace(self._left, repositories=(*self._left.repositories, *self._looked), busy=())
        return Reconciled((covered,), findings=tuple(self._findings), unseen=self._unseen)

    async def go_on(self) -> None:
        """Look at some more; when a query fails, at half as many."""
        if _is_short(self._left.quota):
            self._halt(_shortage(self._left.quota))
            return
        batch = replace(self._left, repositories=self._left.repositories[: self._size])
        try:
            looks = await run_activity(Repositories.look, with_busy(batch, self._left.busy), **ASK_ALL)
        except ActivityError as error:
            if not passes(error):
                raise
            self._fail(batch, error)
        else:
            await self._take(looks)
            await self._miss(batch, looks)
            self._pass(batch)

    async def _take(self, looks: Looks) -> None:
        self._failures, self._size = 0, min(BATCH, 2 * self._size)
        self._left = replace(self._left, quota=looks.quota)
        self._looked += [await judge(look, self._findings) for look in looks.looks]

    async def _miss(self, batch: Covered, looks: Looks) -> None:
        """Doubt what GitHub does not show; where something works, until it is over, and else until it is listed."""
        shown = {_id(it.known) for it in looks.looks}
        gone = replace(batch, repositories=tuple(it for it in batch.repositories if _id(it) not in shown))
        if not gone.repositories or not workflow.patched(GONE_ARE_DOUBTED):
            return
        gone = with_busy(gone, self._left.busy)
        await doubt(gone)
        working = {it.repository_id for it in gone.busy}
        self._looked += [it for it in gone.repositories if _id(it) in working]
        self._findings += [Finding(it.repository.name, NOT_SHOWN) for it in gone.repositories]

    def _fail(self, batch: Covered, error: ActivityError) -> None:
        self._failures += 1
        if is_limit(error) or self._failures == OUTAGE:
            self._unseen += len(self._left.repositories)
            self._halt(innermost(error))
        elif len(batch.repositories) > 1:
            self._size = len(batch.repositories) // 2
        else:
            self._leave(batch, innermost(error))

    def _leave(self, batch: Covered, reason: str) -> None:
        """Let be what fails alone, as it was."""
        self._unseen += len(batch.repositories)
        self._looked += batch.repositories
        self._findings += [Finding(it.repository.name, FAILED.format(reason=reason)) for it in batch.repositories]
        self._pass(batch)

    def _pass(self, batch: Covered) -> None:
        self._left = replace(self._left, repositories=self._left.repositories[len(batch.repositories) :])

    def _halt(self, reason: str) -> None:
        where = f"{len(self._left.repositories)} repositories of installation {self._left.installation_id}"
        self._findings.append(Finding(where, NOT_NOW.format(reason=reason)))
        self._halted = True


def with_busy(covered: Covered, busy: Iterable[Busy]) -> Covered:
    """Name what works in these repositories."""
    here = {_id(it) for it in covered.repositories}
    return replace(covered, busy=tuple(it for it in busy if it.repository_id in here))


async def doubt(covered: Covered) -> None:
    """Have looked at how repositories stand in which something works, and which show nothing any more."""
    working = {it.repository_id for it in covered.busy}
    addresses = (it.repository.address for it in covered.repositories)
    for address in (it for it in addresses if it.repository_id in working):
        identity = f"reconcile/{workflow.info().run_id}"
        change = RepositoryChange(identity, Change.REMOVED, address, NOBODY)
        await run_activity(Running.tell_repository, change, **CALL)


def passes(error: FailureError) -> bool:
    """Whether it is GitHub's trouble, which nobody needs to act on."""
    if is_cancelled_exception(error):
        return False
    return not (isinstance(error.cause, ApplicationError) and error.cause.type in NEVER_RETRIED)


def is_limit(error: FailureError) -> bool:
    """Whether GitHub wants no calls of this installation now, whatever they ask for."""
    return isinstance(error.cause, ApplicationError) and error.cause.type == Failure.RATE_LIMITED


def _id(known: Known) -> int:
    return known.repository.address.repository_id


def _is_short(quota: Quota) -> bool:
    return quota.low and bool(quota.reset) and workflow.now() < datetime.fromisoformat(quota.reset)


def _shortage(quota: Quota) -> str:
    return LOW_QUOTA.format(remaining=quota.remaining, limit=quota.limit, reset=quota.reset)
