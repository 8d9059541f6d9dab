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
from workflows.model.delivery_log import Findings, Recovery, Redelivery, Swept

BATCH = 100
"""Webhooks asked for by one activity, which looks into the log first."""
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
        items = await workflow.execute_activity_method(Deliveries.read_recovered, recovery.deliveries, **SWEEP)
        for item, missed in Counter(items).items():
            try:
                await steps.write_note(outage_note(item, recovery, missed))
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise
                workflow.logger.warning("nobody could be told on %s: %s", item.mailbox_id, error.cause)


def outage_note(item: Item, recovery: Recovery, missed: int) -> Note:
    """Write what people read on an item of which webhooks were lost."""
    events, them = ("1 event", "it") if missed == 1 else (f"{missed} events", "them")
    text = NOTE.format(when=_span(recovery), events=events, them=them)
    return Note(item, f"offline:{recovery.start}", text)


async def _redeliver(found: Findings) -> tuple[str, ...]:
    gone: tuple[str, ...] = ()
    for start in range(0, len(found.due), BATCH):
        batch = Redelivery(found.due[start : start + BATCH], found.read_at)
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
