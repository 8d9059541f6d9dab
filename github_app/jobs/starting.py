"""Starting jobs: ids that people can type, and what lists show of them."""

import asyncio
import secrets
from dataclasses import dataclass

from temporalio.client import Client
from temporalio.common import TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from workflows.branches import slug
from workflows.loop_memory import LoopInput
from workflows.ports import MAIN_QUEUE
from workflows.search_attributes import Kind, attributes_of
from workflows.workstream_memory import WorkstreamInput

PREFIX = "job-"
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what is mistaken for something else."""
SUFFIX_LENGTH = 6
SLUG_LENGTH = 29
REGISTRATION_SECONDS = 1
"""A server takes so long until it knows newly registered search attributes."""


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to start; lists show its title, project and branch."""

    id: str
    kind: Kind
    title: str
    project: str
    branch: str


def new_id(title: str) -> str:
    """Make a job's id: `job-add-format-k7m2xq`."""
    suffix = "".join(secrets.choice(ALPHABET) for _ in range(SUFFIX_LENGTH))
    return f"{PREFIX}{slug(title, SLUG_LENGTH) or 'work'}-{suffix}"


@dataclass(frozen=True, slots=True)
class Starting:
    """Starts workflows as jobs."""

    temporal: Client

    async def start(self, job: NewJob, argument: LoopInput | WorkstreamInput) -> None:
        """Start a job; on a server that does not know our search attributes, without them."""
        attributes = attributes_of(job.kind, job.project)
        for pause in (0, REGISTRATION_SECONDS):
            await asyncio.sleep(pause)
            try:
                return await self._start(job, argument, attributes)
            except RPCError as error:
                if error.status is not RPCStatusCode.INVALID_ARGUMENT:
                    raise
        return await self._start(job, argument, None)

    async def _start(
        self, job: NewJob, argument: LoopInput | WorkstreamInput, attributes: TypedSearchAttributes | None
    ) -> None:
        await self.temporal.start_workflow(
            job.kind.workflow_type,
            argument,
            id=job.id,
            task_queue=MAIN_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            memo={"title": job.title, "project": job.project, "branch": job.branch},
            search_attributes=attributes,
            static_summary=job.title,
        )
