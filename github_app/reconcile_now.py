"""Reconciliation on demand: have the Schedule run now, or look at one repository, and show what was found."""

import asyncio
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text
from temporalio.client import (
    Client,
    ScheduleActionExecutionStartWorkflow,
    ScheduleOverlapPolicy,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.exceptions import FailureError
from temporalio.service import RPCError, RPCStatusCode

from github_app.settings import OperatorError
from workflows.model.reconciling import Reconciled
from workflows.ports import MAIN_QUEUE
from workflows.reconcile import ReconcileRepositoryWorkflow, ReconcileWorkflow
from workflows.reconcile_looks import innermost

SCHEDULE = "aidp-reconcile"
PATIENCE = timedelta(minutes=10)
LOOK_SECONDS = 0.1
NO_SCHEDULE = "aidp has never run with this Temporal. Start `aidp up` (or `aidp work`), then try again."
NO_ANSWER = "It is not done after ten minutes. Is a worker running (`aidp up`)? Temporal goes on with it as {id}."
FAILED = "It could not be done: {reason}"
NOTHING = "Nothing was lost."


class NotDoneError(OperatorError):
    """Reconciliation did not come to an end, or could not begin."""


async def reconcile_now(client: Client) -> Reconciled:
    """Have the Schedule run now, or as soon as the run has ended that is under way: that one may have looked before."""
    try:
        async with _patience(SCHEDULE):
            return await (await _begun(client)).result()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        raise NotDoneError(NO_SCHEDULE) from error


async def look_now(client: Client, name: str) -> Reconciled:
    """Look at one repository, given as `owner/name`."""
    run = await client.start_workflow(
        ReconcileRepositoryWorkflow.run,
        name,
        id=f"watch:{name}:{uuid.uuid4().hex[:8]}",
        task_queue=MAIN_QUEUE,
    )
    async with _patience(run.id):
        return await run.result()


def table(found: Reconciled) -> RenderableType:
    """Show what was found to people."""
    looked = sum(len(installation.repositories) for installation in found.installations)
    caption = f"{looked} repositories looked at, {found.watches} waits for CI told to look"
    if not found.findings:
        return Text(f"{NOTHING} ({caption})")
    shown = Table("Where", "What was found", box=None, caption=caption, caption_justify="left")
    for finding in found.findings:
        shown.add_row(Text(finding.where), Text(finding.what))
    return shown


async def _begun(client: Client) -> WorkflowHandle[ReconcileWorkflow, Reconciled]:
    schedule = client.get_schedule_handle(SCHEDULE)
    info = before = (await schedule.describe()).info
    await schedule.trigger(overlap=ScheduleOverlapPolicy.BUFFER_ONE)
    while info.num_actions == before.num_actions:
        await asyncio.sleep(LOOK_SECONDS)
        info = (await schedule.describe()).info
    action = info.recent_actions[-1].action
    if not isinstance(action, ScheduleActionExecutionStartWorkflow):
        raise TypeError(f"{SCHEDULE} starts no workflow")
    return client.get_workflow_handle_for(
        ReconcileWorkflow.run, action.workflow_id, run_id=action.first_execution_run_id
    )


@asynccontextmanager
async def _patience(what: str) -> AsyncGenerator[None]:
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            yield
    except TimeoutError as error:
        raise NotDoneError(NO_ANSWER.format(id=what)) from error
    except WorkflowFailureError as error:
        raise NotDoneError(FAILED.format(reason=_innermost(error))) from error


def _innermost(error: WorkflowFailureError) -> str:
    cause = error.cause
    return innermost(cause) if isinstance(cause, FailureError) else str(cause)
