"""A worker with mailboxes and an instant GitHub, in a process of its own: `mailbox_worker.py <address>`."""

import asyncio
import sys

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from github_app.payloads import CONVERTER
from github_app.worker import RUNNER
from workflows.model import Actor, CommentRef, ReadComment
from workflows.ports import MAIN_QUEUE
from workflows.work_item import WorkItemWorkflow

CACHED = 500  # as many as the real worker keeps
MANY = 1000


@activity.defn
async def read_comment(comment: CommentRef) -> ReadComment:
    """Find that the comment has no command: the mailbox has taken it, and nothing follows."""
    del comment
    return ReadComment(Actor(583231, "octocat"))


async def main(address: str) -> None:
    """Work until somebody ends it."""
    client = await Client.connect(address, data_converter=CONVERTER)
    worker = Worker(
        client,
        task_queue=MAIN_QUEUE,
        workflows=[WorkItemWorkflow],
        workflow_runner=RUNNER,
        activities=[read_comment],
        max_cached_workflows=CACHED,
        max_concurrent_activities=MANY,
    )
    async with worker:
        print("ready", flush=True)  # noqa: T201  # for whoever has started us
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
