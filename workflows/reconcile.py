"""Reconciliation, run by a Schedule: what no webhook brought is found by looking, and begins what the webhook would.

It looks at how things are, not at what happened: open items with our labels, new comments with commands, reviews that
ask for changes, bases that have moved, checks that have failed, state labels that nobody stands behind. What it finds
goes to the same mailboxes as webhooks do, which know each event again. So a late webhook changes nothing, nor does a
second look.

A look at many repositories where nothing is new is one call to GitHub.
"""

import asyncio
import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError, WorkflowAlreadyStartedError, is_cancelled_exception
from temporalio.workflow import ParentClosePolicy

from workflows.model.reconciling import Busy, Covered, Finding, Known, Quota, Reconciled, Round
from workflows.model.repositories import Change, RepositoryChange
from workflows.reconcile_looks import FAILED, NOBODY, innermost, judge
from workflows.reconcile_ports import CALL, LOOK, Repositories, Running
from workflows.sweep import RefSweep, RefSweepWorkflow

BATCH = 25
"""Repositories in one query: GitHub counts what a query could return, and refuses one that could be too much."""
LISTED_AGAIN = timedelta(days=1)
"""New repositories are told of by webhooks, and GitHub is asked for lost ones; this finds what neither has brought."""
SWEPT_AGAIN = timedelta(days=1)
LOW_QUOTA = "not looked at: {remaining} of {limit} calls are left for running work until {reset}"
ADOPTED = "work went on without its mailbox"

run_activity = workflow.execute_activity_method


@workflow.defn
class ReconcileWorkflow:
    """One look at everything that the App is installed on."""

    @workflow.run
    async def run(self) -> Reconciled:
        """Look at all installations beside each other; the result is where the next run begins."""
        before: Reconciled = workflow.get_last_completion_result(Reconciled) or Reconciled()
        listed = await _listed(before)
        now = workflow.now().isoformat()
        adopted = await run_activity(Running.adopt_orphans, **LOOK)
        watches = await run_activity(Running.wake_watches, before.woken_at, **LOOK)
        busy = await run_activity(Running.list_busy, **LOOK)
        swept_at = await _swept(listed)
        for lost in _not_listed_any_more(before, listed):
            await _doubt(_with_busy(lost, busy))
        rounds = await asyncio.gather(*(reconciled(_with_busy(it, busy)) for it in listed.installations))
        ours = tuple(Finding(item.mailbox_id, ADOPTED) for item in adopted)
        found = tuple(finding for each in rounds for finding in each.findings)
        covered = tuple(installation for each in rounds for installation in each.installations)
        return Reconciled(covered, listed.listed_at, swept_at, ours + found, watches, now)


@workflow.defn
class ReconcileInstallationWorkflow:
    """One look at some repositories of one installation."""

    @workflow.run
    async def run(self, begun: Round) -> Reconciled:
        """Look at the repositories, many at a time, for as long as GitHub's limits leave enough for running work."""
        left, looked, findings = begun.left, list(begun.looked), list(begun.findings)
        while left.repositories:
            if _is_short(left.quota):
                findings.append(_short(left))
                break
            batch = replace(left, repositories=left.repositories[:BATCH])
            looks = await run_activity(Repositories.look, _with_busy(batch, left.busy), **LOOK)
            looked += [await judge(look, findings) for look in looks.looks]
            left = replace(left, repositories=left.repositories[BATCH:], quota=looks.quota)
            if left.repositories and workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(Round(left, tuple(looked), tuple(findings)))
        covered = replace(left, repositories=(*looked, *left.repositories), busy=())
        return Reconciled((covered,), findings=tuple(findings))


@workflow.defn
class ReconcileRepositoryWorkflow:
    """One look at one repository, because somebody asked for it by name."""

    @workflow.run
    async def run(self, name: str) -> Reconciled:
        """Find the repository and look at it."""
        found = await run_activity(Repositories.find_repository, name, **CALL)
        if not found.repository:
            return Reconciled(findings=(Finding(name, FAILED.format(reason=found.standing)),))
        return await look_at(Known(found.repository))


async def look_at(known: Known) -> Reconciled:
    """Look at one repository."""
    covered = Covered(known.repository.address.installation_id, (known,))
    return await reconciled(_with_busy(covered, await run_activity(Running.list_busy, **LOOK)))


async def reconciled(covered: Covered) -> Reconciled:
    """Look at an installation; one that can not be looked at holds up no other."""
    try:
        return await workflow.execute_child_workflow(
            ReconcileInstallationWorkflow.run, Round(covered), id=_round_id(covered)
        )
    except ChildWorkflowError as error:
        if is_cancelled_exception(error):
            raise
        await _doubt(covered)
        where = f"installation {covered.installation_id}"
        return Reconciled(
            (replace(covered, busy=()),), findings=(Finding(where, FAILED.format(reason=innermost(error))),)
        )


def _with_busy(covered: Covered, busy: Iterable[Busy]) -> Covered:
    """Name what works in these repositories."""
    here = {it.repository.address.repository_id for it in covered.repositories}
    return replace(covered, busy=tuple(it for it in busy if it.repository_id in here))


def _not_listed_any_more(before: Reconciled, listed: Reconciled) -> list[Covered]:
    """Find the repositories that were reached before, and are not now."""
    reached = {_key(it) for each in listed.installations for it in each.repositories}
    lost = ((each, tuple(it for it in each.repositories if _key(it) not in reached)) for each in before.installations)
    return [replace(each, repositories=repositories) for each, repositories in lost if repositories]


async def _doubt(covered: Covered) -> None:
    """Have looked at how repositories stand in which something works, and which show nothing any more."""
    working = {it.repository_id for it in covered.busy}
    addresses = (it.repository.address for it in covered.repositories)
    for address in (it for it in addresses if it.repository_id in working):
        identity = f"reconcile/{workflow.info().run_id}"
        change = RepositoryChange(identity, Change.REMOVED, address, NOBODY)
        await run_activity(Running.tell_repository, change, **CALL)


def _round_id(covered: Covered) -> str:
    return f"reconcile:{covered.installation_id}:{workflow.info().run_id[-8:]}"  # the first ones are the time


async def _listed(before: Reconciled) -> Reconciled:
    """Ask now and then where the App is installed; what is known of a repository is kept."""
    now = workflow.now()
    if before.listed_at and now - datetime.fromisoformat(before.listed_at) < LISTED_AGAIN:
        return before
    listed = await run_activity(Repositories.list_installations, **CALL)
    known = {_key(it): it for each in before.installations for it in each.repositories}
    quotas = {each.installation_id: each.quota for each in before.installations}
    return Reconciled(tuple(_remembering(each, known, quotas) for each in listed), now.isoformat(), before.swept_at)


async def _swept(listed: Reconciled) -> str:
    """Have old refs swept once a day, beside this; returns when that was."""
    now = workflow.now()
    if not listed.swept_at:
        return now.isoformat()
    if now - datetime.fromisoformat(listed.swept_at) < SWEPT_AGAIN:
        return listed.swept_at
    known = (it for each in listed.installations for it in each.repositories)
    sources = tuple(it.repository.address.source for it in known if it.used)
    with contextlib.suppress(WorkflowAlreadyStartedError):
        await workflow.start_child_workflow(
            RefSweepWorkflow.run, RefSweep(sources), id="sweep:refs", parent_close_policy=ParentClosePolicy.ABANDON
        )
    return now.isoformat()


def _remembering(covered: Covered, before: Mapping[tuple[int, int], Known], quotas: Mapping[int, Quota]) -> Covered:
    pairs = [(it, before.get(_key(it), it)) for it in covered.repositories]
    known = tuple(replace(old, repository=it.repository, labels=it.labels) for it, old in pairs)
    return replace(covered, repositories=known, quota=quotas.get(covered.installation_id, Quota()))


def _key(known: Known) -> tuple[int, int]:
    return known.repository.address.installation_id, known.repository.address.repository_id


# --- limits -----------------------------------------------------------------------------------------------------------


def _is_short(quota: Quota) -> bool:
    return quota.low and bool(quota.reset) and workflow.now() < datetime.fromisoformat(quota.reset)


def _short(left: Covered) -> Finding:
    quota = left.quota
    text = LOW_QUOTA.format(remaining=quota.remaining, limit=quota.limit, reset=quota.reset)
    return Finding(f"{len(left.repositories)} repositories of installation {left.installation_id}", text)
