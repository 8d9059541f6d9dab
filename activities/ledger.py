"""The activity `record_spending`: tells a repository's ledger, and opens it if this is its first entry."""

import asyncio

from temporalio import activity
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from workflows.ledger import UPDATES_PER_HISTORY, LedgerState, LedgerWorkflow
from workflows.model import Failure, Spending, Totals
from workflows.ports import MAIN_QUEUE

AT_ONCE = 8
"""Temporal lets ten updates of a workflow be under way and makes the others wait far longer."""
ANSWER_SECONDS = 20
"""Below the activity's own time-out, so that what went wrong is said."""


class LedgerActivities:
    """Writes to the ledgers, which are workflows."""

    def __init__(self, client: Client, updates_per_history: int = UPDATES_PER_HISTORY) -> None:
        self._client = client
        self._first = LedgerState(updates_per_history=updates_per_history)
        self._turns = asyncio.Semaphore(AT_ONCE)

    @activity.defn
    async def record_spending(self, spending: Spending, /) -> Totals:
        """Count what was spent, once however often it is recorded, and return the totals of its issue and day."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS), self._turns:
                return await self._spend(spending)
        except (RPCError, TimeoutError, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            text = f"What was spent could not be recorded ({error}). It is tried again; see the ledger in Temporal."
            raise ApplicationError(text, type=Failure.TRANSIENT) from error

    async def _spend(self, spending: Spending) -> Totals:
        ledger = WithStartWorkflowOperation(
            LedgerWorkflow.run,
            self._first,
            id=spending.ledger_id,
            task_queue=MAIN_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary="What the runs of a repository have spent",
        )
        return await self._client.execute_update_with_start_workflow(  # pyright: ignore[reportUnknownMemberType]  # the SDK's own gap
            LedgerWorkflow.spend, spending, start_workflow_operation=ledger, id=spending.id
        )
