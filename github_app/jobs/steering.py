"""Telling running jobs what to do, and putting what Temporal answers into words."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from github_app.jobs.errors import FinishedError, NoPlanError, NoWorkerError, OneUnitError, RefusedError
from github_app.jobs.looking import Looking, kind_of
from github_app.jobs.words import ago
from workflows.search_attributes import Kind

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Steering:
    """Steers the workflows of jobs."""

    temporal: Client
    looking: Looking

    async def running_kind(self, job_id: str) -> Kind:
        """Tell which kind of job it is; raises `RefusedError` when it has ended."""
        description = await self.looking.describe(job_id)
        if description.close_time:
            raise FinishedError(f"it finished {ago(description.close_time)}")
        return kind_of(description)

    async def check_loop(self, job_id: str) -> None:
        """Refuse what only a single work loop can do."""
        if await self.running_kind(job_id) is Kind.WORKSTREAMS:
            raise OneUnitError(job_id)

    async def check_plan(self, job_id: str) -> None:
        """Refuse what only a plan of workstreams can do."""
        if await self.running_kind(job_id) is Kind.WORK:
            raise NoPlanError

    async def update(self, job_id: str, name: str, *arguments: object) -> str:
        """Ask a workflow for something and return its answer in words."""
        return await self.ask(job_id, name, str, *arguments)

    async def ask(self, job_id: str, name: str, answer: type[T], *arguments: object) -> T:
        """Ask a workflow for something and return its answer."""
        async with self._in_words(job_id):
            handle = self.temporal.get_workflow_handle(job_id)
            return await handle.execute_update(  # pyright: ignore[reportUnknownMemberType]  # the SDK's own gap
                name, args=arguments, result_type=answer, rpc_timeout=self.looking.patience
            )

    async def signal(self, job_id: str, name: str, *arguments: object) -> None:
        """Tell a workflow something it takes in whenever a worker is there."""
        async with self._in_words(job_id):
            await self.temporal.get_workflow_handle(job_id).signal(
                name, args=arguments, rpc_timeout=self.looking.patience
            )

    async def stop(self, job_id: str) -> None:
        """Cancel a workflow."""
        await self.running_kind(job_id)
        async with self._in_words(job_id):
            await self.temporal.get_workflow_handle(job_id).cancel(rpc_timeout=self.looking.patience)

    @asynccontextmanager
    async def _in_words(self, job_id: str) -> AsyncGenerator[None]:
        try:
            yield
        except WorkflowUpdateFailedError as error:
            raise RefusedError(_reason(error)) from None
        except WorkflowUpdateRPCTimeoutOrCancelledError:
            raise NoWorkerError from None
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                await self.running_kind(job_id)  # says when it ended, if it just did
            raise


def _reason(error: WorkflowUpdateFailedError) -> str:
    reason = error.cause.message if isinstance(error.cause, ApplicationError) else str(error.cause)
    return reason.removesuffix(".")
