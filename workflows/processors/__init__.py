"""One file per kind of work: what the App does when its label is put on or its command is written."""

from collections.abc import Mapping
from types import MappingProxyType

from temporalio import workflow
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from workflows.model import Work, WorkOrder

LAST_BREATHS = (0.2, 1, 2, 4, 8, 16)
"""Seconds between attempts to start a processor while its predecessor still has the name; its worker may have died."""
PROCESSORS: Mapping[Work, str] = MappingProxyType(
    {
        Work.PLAN: "PlanProcessorWorkflow",
        Work.BUILD: "BuildProcessorWorkflow",
        Work.AUTO: "AutoProcessorWorkflow",
        Work.REVIEW: "ReviewProcessorWorkflow",
        Work.FIX_CI: "CiFixProcessorWorkflow",
        Work.FIX: "ChangeRequestProcessorWorkflow",
        Work.REBASE: "RebaseProcessorWorkflow",
        Work.PROJECT: "ProjectProcessorWorkflow",
    }
)
"""The workflow of each kind of work. By name, so that a mailbox does not load what it only starts."""


async def started(workflow_id: str, order: WorkOrder) -> bool:
    """Start a processor; waits for the one before it, which has said that it ends. False if that goes on after all."""
    for pause in LAST_BREATHS:
        try:
            await workflow.start_child_workflow(
                PROCESSORS[order.kind],
                order,
                id=workflow_id,
                parent_close_policy=ParentClosePolicy.ABANDON,  # it outlives the mailbox's history
                static_summary=f"{order.kind} for {order.requester.login}".removesuffix(" for "),
            )
        except WorkflowAlreadyStartedError:
            await workflow.sleep(pause)
        else:
            return True
    return False
