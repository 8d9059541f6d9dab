"""The sweep, run by a Schedule: GitHub delivers a webhook once, so what nobody took is asked for again.

What it has settled it hands to the next sweep as its result, which Temporal keeps with the Schedule: a sweep that fails
moves nothing on, and the next one looks at the same part of the log again.
"""

import contextlib
from collections import Counter
from dataclasses import replace
from datetime import datetime

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ActivityError, WorkflowAlreadyStartedError, is_cancelled_exception
from temporalio.workflow import ParentClosePolicy

from workflows import steps
from workflows.delivery_ports import SWEEP, Deliveries
from workflows.model import Item, Note
from workflows.model.delivery_log import Findings, Missed, Recovery, Redelivery, Swept

BATCH = 100
"""Webhooks asked for by one activity, which looks into the log first."""
AT_ONCE = 500
"""Deliveries that are looked up by one activity."""
NOTE = "aidp could not be reached {when} UTC. It missed {events} here, and has {them} now; there is nothing to do."


@workflow.defn
class DeliverySweepWorkflow:
    """One look at the delivery log, and what follows from it."""

    @workflow.run
    async def run(self) -> Swept:
        """Have lost webhooks delivered again, and outages told that are over."""
        before: Swept = workflow.get_last_completion_result(Swept) or Swept()
        found = await workflow.execute_activity_method(Deliveries.read_delivery_log, before, **SWEEP)
        gone = await _redeliver(found)
        for recovery in found.recovered:
            await _tell(recovery)
        return replace(found.swept, gone=found.swept.gone + gone)


@workflow.defn
class OutageWorkflow:
    """Tells of one outage, beside the sweeps: a comment that can not be written holds up nobody's webhooks."""

    @workflow.run
    async def run(self, recovery: Recovery) -> None:
        """Say on each item of which webhooks were lost that they were, and are not any more."""
        left = await _counted(recovery)
        while left.missed:
            await _write(outage_note(left.missed[0].item, left, left.missed[0].events))
            left = replace(left, missed=left.missed[1:])
            _go_on_in_a_new_history(left)


async def _counted(recovery: Recovery) -> Recovery:
    """Find out whom the deliveries were for, part by part."""
    left = recovery
    while left.deliveries:
        part, rest = left.deliveries[:AT_ONCE], left.deliveries[AT_ONCE:]
        missed = Counter({it.item: it.events for it in left.missed})
        missed.update(await workflow.execute_activity_method(Deliveries.read_recovered, part, **SWEEP))
        left = replace(left, deliveries=rest, missed=tuple(Missed(*each) for each in missed.items()))
        _go_on_in_a_new_history(left)
    return left


async def _write(note: Note) -> None:
    try:
        await steps.write_note(note)
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        workflow.logger.warning("nobody could be told on %s: %s", note.item.mailbox_id, error.cause)


def _go_on_in_a_new_history(left: Recovery) -> None:
    if workflow.info().is_continue_as_new_suggested() and (left.deliveries or left.missed):
        workflow.continue_as_new(left)


def outage_note(item: Item, recovery: Recovery, missed: int) -> Note:
    """Write what people read on an item of which webhooks were lost."""
    events, them = ("1 event", "it") if missed == 1 else (f"{missed} events", "them")
    text = NOTE.format(when=_span(recovery), events=events, them=them)
    return Note(item, f"offline:{recovery.start}", text)


async def _redeliver(found: Findings) -> tuple[str, ...]:
    gone: tuple[str, ...] = ()
    for start in range(0, len(found.due), BATCH):
        batch = Redelivery(found.due[start : start + BATCH], found.read_at, found.most)
        gone += await workflow.execute_activity_method(Deliveries.redeliver, batch, **SWEEP)
    return gone


async def _tell(recovery: Recovery) -> None:
    """Have an outage told, once: the next sweeps see it too, for as long as they look back."""
    with contextlib.suppress(WorkflowAlreadyStartedError):
        await workflow.start_child_workflow(
            OutageWorkflow.run,
            recovery,
            id=f"outage:{recovery.start}",
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            parent_close_policy=ParentClosePolicy.ABANDON,
        )


def _span(recovery: Recovery) -> str:
    start, end = datetime.fromisoformat(recovery.start), datetime.fromisoformat(recovery.end)
    until = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"from {start:%Y-%m-%d %H:%M} to {until}"
