"""Reconciliation, run by a Schedule: what no webhook brought is found by looking, and begins what the webhook would.

It looks at how things are, not at what happened: open items with our labels, new comments with commands, reviews that
ask for changes, bases that have moved, checks that have failed, state labels that nobody stands behind. What it finds
goes to the same mailboxes as webhooks do, which know each event again. So a late webhook changes nothing, nor does a
second look.

A look at many repositories where nothing is new is one call to GitHub.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import (
    ActivityError,
    ChildWorkflowError,
    WorkflowAlreadyStartedError,
    is_cancelled_exception,
)
from temporalio.workflow import ParentClosePolicy

from workflows import patience
from workflows.model.reconciling import Covered, Finding, Known, Reconciled, Round
from workflows.reconcile_looks import FAILED, innermost
from workflows.reconcile_ports import LIST, LOOK, Repositories, Running
from workflows.reconcile_walk import Walk, doubt, with_busy
from workflows.sweep import RefSweep, RefSweepWorkflow

LISTED_AGAIN = timedelta(days=1)
"""New repositories are told of by webhooks, and GitHub is asked for lost ones; this finds what neither has brought."""
SWEPT_AGAIN = timedelta(days=1)
LISTED_SOONER = timedelta(hours=1)
"""Where GitHub did not list everything."""
NOT_LISTED = "could not be listed: {reason}"
AT_ONCE = 50
"""Installations: what they begin with is told Temporal in one step, which takes no more than 4 MiB."""
BY_AND_BY = "installations have turns"
"""Name of a patch: a run that an older version began looks at all of them at once."""
MOST_FINDINGS = 500
MORE = "{count} more"
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
            await doubt(with_busy(lost, busy))
        rounds = await _rounds([with_busy(it, busy) for it in listed.installations])
        ours = tuple(Finding(item.mailbox_id, ADOPTED) for item in adopted)
        found = tuple(finding for each in rounds for finding in each.findings)
        covered = tuple(installation for each in rounds for installation in each.installations)
        findings, unseen = listed.findings + ours + found, sum(each.unseen for each in rounds)
        return Reconciled(covered, listed.listed_at, swept_at, foremost(findings), watches, now, unseen)


@workflow.defn
class ReconcileInstallationWorkflow:
    """One look at some repositories of one installation."""

    @workflow.run
    async def run(self, begun: Round) -> Reconciled:
        """Look at the repositories, many at a time, for as long as GitHub's limits leave enough for running work."""
        walk = Walk(begun)
        while walk.goes_on:
            await walk.go_on()
            if walk.goes_on and workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(walk.round)
        return walk.found


@workflow.defn
class ReconcileRepositoryWorkflow:
    """One look at one repository, because somebody asked for it by name."""

    @workflow.run
    async def run(self, name: str) -> Reconciled:
        """Find the repository and look at it."""
        found = await run_activity(Repositories.find_repository, name, **LIST)
        if not found.repository or found.standing:
            return Reconciled(findings=(Finding(name, FAILED.format(reason=found.standing)),))
        return await _looked_at(Known(found.repository))


async def look_at(known: Known) -> Reconciled:
    """Look at one repository; trouble is waited out for as long as nobody else may know that it is there."""
    until = workflow.now() + LISTED_AGAIN
    found = await _looked_at(known)
    while found.unseen and workflow.now() < until:
        await workflow.sleep(patience.LOOK_AGAIN.time)
        found = await _looked_at(known)
    return found


async def _looked_at(known: Known) -> Reconciled:
    covered = Covered(known.repository.address.installation_id, (known,))
    return await reconciled(with_busy(covered, await run_activity(Running.list_busy, **LOOK)))


async def reconciled(covered: Covered) -> Reconciled:
    """Look at an installation; one that can not be looked at holds up no other."""
    try:
        return await workflow.execute_child_workflow(
            ReconcileInstallationWorkflow.run, Round(covered), id=_round_id(covered)
        )
    except ChildWorkflowError as error:
        if is_cancelled_exception(error):
            raise
        await doubt(covered)
        where = f"installation {covered.installation_id}"
        return Reconciled(
            (replace(covered, busy=()),), findings=(Finding(where, FAILED.format(reason=innermost(error))),)
        )


async def _rounds(installations: Sequence[Covered]) -> list[Reconciled]:
    """Look at installations beside each other, some at once."""
    all_at_once = len(installations) <= AT_ONCE or not workflow.patched(BY_AND_BY)
    turns = asyncio.Semaphore(max(1, len(installations)) if all_at_once else AT_ONCE)

    async def in_turn(covered: Covered) -> Reconciled:
        async with turns:
            return await reconciled(covered)

    return await asyncio.gather(*map(in_turn, installations))


def foremost(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Keep so many that the next run, which begins with them, and people can bear them."""
    more = len(findings) - MOST_FINDINGS
    return (*findings[:MOST_FINDINGS], Finding("elsewhere", MORE.format(count=more))) if more > 0 else findings


def _not_listed_any_more(before: Reconciled, listed: Reconciled) -> list[Covered]:
    """Find the repositories that were reached before, and are not now."""
    reached = {_key(it) for each in listed.installations for it in each.repositories}
    lost = ((each, tuple(it for it in each.repositories if _key(it) not in reached)) for each in before.installations)
    return [replace(each, repositories=repositories) for each, repositories in lost if repositories]


def _round_id(covered: Covered) -> str:
    return f"reconcile:{covered.installation_id}:{workflow.info().run_id[-8:]}"  # the first ones are the time


async def _listed(before: Reconciled) -> Reconciled:
    """Ask now and then where the App is installed; what is known of a repository is kept."""
    now = workflow.now()
    if before.listed_at and now - datetime.fromisoformat(before.listed_at) < LISTED_AGAIN:
        return replace(before, findings=())
    try:
        listed = await run_activity(Repositories.list_installations, **LIST)
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        flaw = Finding("installations", NOT_LISTED.format(reason=innermost(error)))
        return replace(before, findings=(flaw,))
    return remembered(before, listed, now)


def remembered(before: Reconciled, listed: Sequence[Covered], now: datetime) -> Reconciled:
    """Keep what is known of what is listed, and of an installation that could not be."""
    former = {each.installation_id: each for each in before.installations}
    installations = tuple(_remembering(each, former.get(each.installation_id, Covered(0))) for each in listed)
    flaws = tuple(
        Finding(f"installation {it.installation_id}", NOT_LISTED.format(reason=it.flaw)) for it in listed if it.flaw
    )
    listed_at = now - LISTED_AGAIN + LISTED_SOONER if flaws else now
    return Reconciled(installations, listed_at.isoformat(), before.swept_at, flaws)


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


def _remembering(covered: Covered, before: Covered) -> Covered:
    if covered.flaw:
        return replace(covered, repositories=before.repositories, quota=before.quota, flaw="")
    former = {_key(it): it for it in before.repositories}
    pairs = [(it, former.get(_key(it), it)) for it in covered.repositories]
    known = tuple(replace(old, repository=it.repository, labels=it.labels) for it, old in pairs)
    return replace(covered, repositories=known, quota=before.quota)


def _key(known: Known) -> tuple[int, int]:
    return known.repository.address.installation_id, known.repository.address.repository_id
