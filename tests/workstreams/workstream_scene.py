"""A host with the real hands, a repository, and plans whose agents play parts."""

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Self

from temporalio.client import Client, WorkflowHandle

from github_app.settings import HostSettings
from workflows.model import RepoConfig, Source
from workflows.model.workstreams import Unit, UnitReport, UnitStatus, WorkstreamPlan, WorkstreamSummary
from workflows.ports import MAIN_QUEUE
from workflows.workstream_memory import WorkstreamInput
from workflows.workstreams import WorkstreamOrchestratorWorkflow

AGENT = Path(__file__).with_name("scripted_agent.py")
PATIENCE = 60
LONGEST_PLAN = timedelta(minutes=15)
Orchestrator = WorkflowHandle[WorkstreamOrchestratorWorkflow, WorkstreamSummary]


def settings(state_dir: Path) -> HostSettings:
    """Set up a host whose only agent is the scripted one."""
    return HostSettings(
        state_dir=state_dir,
        host_id="stage",
        agents=("command",),
        agent_slots=10,
        agent_command=(sys.executable, "-IS", str(AGENT)),
    )


@dataclass(frozen=True, slots=True)
class Stage:
    """One story's repository and the record of who worked when."""

    client: Client
    directory: Path

    @property
    def project(self) -> Path:
        """The repository."""
        return self.directory / "project"

    @classmethod
    def prepared(cls, client: Client, directory: Path) -> Self:
        """Make a stage with a repository of one commit."""
        stage = cls(client, directory)
        stage.project.mkdir()
        stage.git("init", "--quiet", "--initial-branch=main")
        (stage.project / "README.md").write_text("hello\n")
        stage.git("add", "--all")
        stage.git("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "--quiet", "--message=Begin")
        return stage

    def git(self, *arguments: str) -> str:
        """Run git in the repository the way a person does."""
        git = shutil.which("git") or "git"
        done = subprocess.run((git, *arguments), cwd=self.project, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def branches(self) -> list[str]:
        """List the branches that were pushed."""
        return self.git("for-each-ref", "--format=%(refname:lstrip=3)", "refs/heads/aidp").split()

    def unit(self, slug: str, *depends_on: str, part: str = "write") -> Unit:
        """Write a unit whose agent plays a part."""
        return Unit(slug, f"Unit {slug}", f"Play {part} as {slug} in {self.directory}.", depends_on)

    def plan(self, *units: Unit) -> WorkstreamPlan:
        """Make a plan of this story's own."""
        config = RepoConfig(commands=(), providers=("command",), max_iterations=3)
        return WorkstreamPlan(
            f"plan:{self.directory.name}", Source(project_dir=str(self.project)), units, config=config
        )

    async def start(self, plan: WorkstreamPlan) -> Orchestrator:
        """Start a plan."""
        return await self.client.start_workflow(
            WorkstreamOrchestratorWorkflow.run,
            WorkstreamInput(plan),
            id=plan.id,
            task_queue=MAIN_QUEUE,
            execution_timeout=LONGEST_PLAN,  # a story that goes wrong ends
        )

    async def run(self, plan: WorkstreamPlan) -> WorkstreamSummary:
        """Run a plan to its end."""
        return await (await self.start(plan)).result()

    async def run_again(self, plan: WorkstreamPlan) -> WorkstreamSummary:
        """Run a plan beside itself."""
        return await self.client.execute_workflow(
            WorkstreamOrchestratorWorkflow.run, WorkstreamInput(plan), id=f"{plan.id}-again", task_queue=MAIN_QUEUE
        )

    def cue(self, part: str, *slugs: str) -> None:
        """Let agents that wait go on, or those that fail succeed."""
        for slug in slugs:
            (self.directory / f"{part}-{slug}").touch()

    def record(self) -> list[str]:
        """Read who worked when."""
        path = self.directory / "record"
        return path.read_text().splitlines() if path.exists() else []

    def begun(self) -> list[str]:
        """List the agent runs in the order in which they began."""
        return [line.removeprefix("begin ") for line in self.record() if line.startswith("begin")]

    def agents(self) -> list[str]:
        """List the agent runs that are still alive."""
        pids = self.directory.glob("pid-*")
        return [path.name for path in pids if Path("/proc", path.read_text(), "status").exists()]

    def most_at_once(self) -> int:
        """Count how many agents worked at the same time at most."""
        at_work, most = 0, 0
        for line in self.record():
            at_work += 1 if line.startswith("begin") else -1
            most = max(most, at_work)
        return most

    async def until_begun(self, *slugs: str) -> None:
        """Wait until these agents, and no others, have begun."""
        await until(lambda: sorted(self.begun()) == sorted(slugs), self.record)


async def until(condition: Callable[[], bool], explain: Callable[[], object]) -> None:
    """Wait for what other processes do."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, explain()
        await asyncio.sleep(0.02)


async def until_status(orchestrator: Orchestrator, slug: str, status: UnitStatus) -> None:
    """Wait until a unit is where it should be."""
    deadline = time.monotonic() + PATIENCE
    while (summary := await orchestrator.query(WorkstreamOrchestratorWorkflow.progress)) and (
        statuses(summary)[slug] is not status
    ):
        assert time.monotonic() < deadline, summary
        await asyncio.sleep(0.05)


async def set_concurrency(orchestrator: Orchestrator, concurrency: int) -> None:
    """Ask for more or fewer units at once."""
    name = WorkstreamOrchestratorWorkflow.set_concurrency
    await orchestrator.execute_update(name, concurrency)  # pyright: ignore[reportUnknownMemberType]  # the SDK's own gap


async def retry_failed(orchestrator: Orchestrator) -> int:
    """Ask for failed units to run again."""
    name = WorkstreamOrchestratorWorkflow.retry_failed
    return await orchestrator.execute_update(name)  # pyright: ignore[reportUnknownMemberType]  # the SDK's own gap


def statuses(summary: WorkstreamSummary) -> dict[str, UnitStatus]:
    """Show where each unit is."""
    return {unit.slug: unit.status for unit in summary.units}


def report_of(summary: WorkstreamSummary, slug: str) -> UnitReport:
    """Find a unit's report."""
    return next(unit for unit in summary.units if unit.slug == slug)


def at_once(plan: WorkstreamPlan, concurrency: int) -> WorkstreamPlan:
    """Change how many units run at once."""
    return replace(plan, concurrency=concurrency)
