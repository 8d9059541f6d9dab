"""What the benchmarks share: how large they are, a server tuned as `aidp up` tunes it, and workers beside it."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle

from workflows.loop_memory import LoopInput
from workflows.model import Category, CheckCommand, LoopResult, LoopSpec, RepoConfig, Source, Task
from workflows.ports import MAIN_QUEUE
from workflows.work_loop import WorkLoopWorkflow

CHECKS = (CheckCommand("tests", "true", Category.TEST), CheckCommand("lint", "true", Category.LINT))

Loop = WorkflowHandle[WorkLoopWorkflow, LoopResult]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    rounds: int
    """How often each side of a comparison runs."""
    iterations: int
    """Iterations of each measured loop."""
    long_loop: int
    """Iterations of the loop whose history is looked at."""
    loops: int
    """How many loops make a crowd."""
    slots: int
    agent_seconds: float
    starts: int
    """How often `aidp up` is started."""
    door_round: int
    """Deliveries of each side's turn at the door."""
    deliveries: int
    """How many come to many items."""
    items: int
    long_issue: int
    """Events of the issue that has many."""
    waiting: int
    """How many items wait for something to happen."""
    labels: int
    """How many labels are timed."""
    repositories: int
    """How many are installed on that ask nothing of aidp."""


@contextmanager
def worker(program: str, client: Client, *arguments: str) -> Generator[int]:
    """Run a worker of this directory beside us; yields its process id once it works."""
    address = client.service_client.config.target_host
    argv = (sys.executable, str(Path(__file__).with_name(program)), address, *arguments)
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        try:
            if not (process.stdout and process.stdout.readline()):
                raise RuntimeError(f"{program} ended before it worked")
            yield process.pid
        finally:
            process.kill()


def loop_spec(iterations: int, *, report_to: str = "", source: Source | None = None) -> LoopSpec:
    """Write down a loop of so many iterations, unless its agent is done before."""
    loop_id = f"loop:{uuid4().hex}"
    return LoopSpec(
        id=loop_id,
        source=source or Source(installation_id=1, repository_id=1),
        branch=f"aidp/{loop_id[-8:]}-make-it-right",
        task=Task("Make it right", "Somebody has described here what is wrong with it. " * 20),
        commit_message="Make it right",
        number=1,
        config=RepoConfig(commands=CHECKS, providers=("command",), max_iterations=iterations),
        report_to=report_to,
    )


async def start(client: Client, spec: LoopSpec) -> Loop:
    """Start a loop."""
    return await client.start_workflow(WorkLoopWorkflow.run, LoopInput(spec), id=spec.id, task_queue=MAIN_QUEUE)
