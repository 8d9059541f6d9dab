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

from workflows.ledger import LedgerState, LedgerWorkflow
from workflows.model import Failure, Spending, Totals
from workflows.ports import MAIN_QUEUE

AT_ONCE = 8
"""Temporal lets ten updates of a workflow be under way and makes the others wait far longer."""
ANSWER_SECONDS = 20
"""Below the activity's own time-out, so that what went wrong is said."""

EMPTY = LedgerState()


class LedgerActivities:
    """Writes to the ledgers, which are workflows."""

    def __init__(self, client: Client, first: LedgerState = EMPTY, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._client = client
        self._first = first
        self._answer_seconds = answer_seconds
        self._turns = asyncio.Semaphore(AT_ONCE)

    @activity.defn
    async def record_spending(self, spending: Spending, /) -> Totals:
        """Count what was spent, once however often it is recorded, and return the totals of its issue and day."""
        try:
            async with asyncio.timeout(self._answer_seconds), self._turns:
                return await self._spend(spending)
        except (RPCError, TimeoutError, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            text = f"{spending.ledger_id} did not count what was spent ({error!r}); this is tried again until it does"
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
        return await self._client.execute_update_with_start_workflow(  # pyright: ignore[reportUnknownMemberType]  # SDK
            LedgerWorkflow.spend, spending, start_workflow_operation=ledger, id=spending.id
        )
