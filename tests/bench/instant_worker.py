"""A worker whose activities take no time, in a process of its own: `instant_worker.py <address>`."""

import asyncio
import sys
from contextlib import AsyncExitStack

from bare_workflow import BareWorkflow, FollowerWorkflow
from instant_hands import ANY_HOST, ANYWHERE, HOST, THIS_HOST
from temporalio.client import Client
from temporalio.worker import Worker

from github_app.worker import RUNNER
from workflows.ports import MAIN_QUEUE, WORKSPACES_QUEUE, host_queue
from workflows.work_loop import WorkLoopWorkflow

WORKFLOWS = (WorkLoopWorkflow, BareWorkflow, FollowerWorkflow)


async def main(address: str) -> None:
    """Work until somebody ends it."""
    client = await Client.connect(address)
    workers = (
        Worker(client, task_queue=MAIN_QUEUE, workflows=WORKFLOWS, activities=ANYWHERE, workflow_runner=RUNNER),
        Worker(client, task_queue=WORKSPACES_QUEUE, activities=ANY_HOST),
        Worker(client, task_queue=host_queue(HOST), activities=THIS_HOST),
    )
    async with AsyncExitStack() as stack:
        for worker in workers:
            await stack.enter_async_context(worker)
        print("ready", flush=True)  # noqa: T201  # for whoever has started us
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
