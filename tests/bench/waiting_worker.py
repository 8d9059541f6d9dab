"""A worker as `aidp up` has it, on a GitHub where all CI goes on and which answers at once: `waiting_worker.py URL`."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from instant_hands import SHA, open_workspace
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from github_app.worker import MANY, RUNNER, STICKY, WORKFLOWS
from workflows.model import (
    Actor,
    CheckRunReport,
    CiCheck,
    CiState,
    CiVerdict,
    Commit,
    Issue,
    Item,
    LabelChange,
    PullRequestState,
    StatusReport,
)
from workflows.ports import MAIN_QUEUE, WORKSPACES_QUEUE

CACHED = 500  # as many as the real worker keeps
ADA = Actor(583231, "ada")
RUNNING = tuple(CiCheck(f"test ({python})", "") for python in ("3.11", "3.12", "3.13"))
TEXT = "Somebody has described here what is wrong with it. " * 20


@activity.defn
async def read_issue(item: Item) -> Issue:
    """Find it open."""
    return Issue(f"Pull request {item.number}", TEXT, open=True, labels=(), author=ADA, url="", pull_request=True)


@activity.defn
async def read_pull_request(item: Item) -> PullRequestState:
    """Find it open, on a commit of its own."""
    return PullRequestState(
        number=item.number,
        title=f"Pull request {item.number}",
        body=TEXT,
        open=True,
        merged=False,
        draft=True,
        author=ADA,
        head_branch=f"aidp/{item.number}",
        head_sha=f"{item.number:040}",
        base_branch="main",
        base_sha=SHA,
        url="",
        ours=True,
    )


@activity.defn
async def read_ci(commit: Commit) -> CiState:
    """Find it running."""
    return CiState(commit.sha, RUNNING, CiVerdict.PENDING)


@activity.defn
async def change_labels(change: LabelChange) -> None:
    """Have changed them."""
    del change


@activity.defn
async def write_status(report: StatusReport) -> int:
    """Have written it."""
    return report.item.number


@activity.defn
async def write_check_run(report: CheckRunReport) -> int:
    """Have written it."""
    return report.item.number


GITHUB: tuple[Callable[..., Any], ...] = (
    read_issue,
    read_pull_request,
    read_ci,
    change_labels,
    write_status,
    write_check_run,
)


async def main(address: str) -> None:
    """Work until somebody ends it."""
    client = await Client.connect(address)
    workers = (
        Worker(
            client,
            task_queue=MAIN_QUEUE,
            workflows=WORKFLOWS,
            workflow_runner=RUNNER,
            activities=GITHUB,
            max_cached_workflows=CACHED,
            max_concurrent_activities=MANY,
            sticky_queue_schedule_to_start_timeout=STICKY,
        ),
        Worker(client, task_queue=WORKSPACES_QUEUE, activities=[open_workspace], max_concurrent_activities=MANY),
    )
    async with AsyncExitStack() as stack:
        for worker in workers:
            await stack.enter_async_context(worker)
        print("ready", flush=True)  # noqa: T201  # for whoever has started us
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
