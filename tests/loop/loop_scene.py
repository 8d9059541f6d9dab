"""A repository, a host with the real hands, and agents that play what a story has written for them."""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import anyio
from story_kit import PATIENCE_SECONDS, until
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client, WorkflowHandle

from github_app.jobs import AidpClient, Wishes
from github_app.settings import JobsSettings
from workflows.loop_memory import LoopInput
from workflows.model import LoopResult, LoopSpec, Progress, Source, Task
from workflows.ports import MAIN_QUEUE
from workflows.work_loop import WorkLoopWorkflow

AGENT = (sys.executable, "-IS", str(Path(__file__).with_name("acting_agent.py")))
RECORDINGS = Path(__file__).parents[1] / "fixtures/agent-cli"
CLIS = ("claude", "codex")
CONFIG = "commands: []\nproviders: [command]\n"
STARTED = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
DONE = "echo done > done.txt; echo 'STATUS: COMPLETE'"
MORE = "echo more >> more.txt; echo 'STATUS: CONTINUE'"


def settings(state_dir: Path) -> JobsSettings:
    """Set up a host with all the agents there are in these stories."""
    return JobsSettings(
        state_dir=state_dir,
        host_id=state_dir.name,
        agents=("command", *CLIS),
        agent_slots=20,
        agent_command=(*AGENT, "command"),
    )


def install_agents(directory: Path) -> None:
    """Put stand-ins named like real agents into a folder."""
    directory.mkdir()
    for name in CLIS:
        program = directory / name
        program.write_text(f'#!/bin/sh\nexec {" ".join(AGENT)} {name} "$@"\n')
        program.chmod(0o755)


@contextmanager
def mirrors_locked(scene: "Scene") -> Generator[None]:
    """Keep the host from tidying up, as a long fetch of the same repository does."""
    with ExitStack() as stack:
        for path in (scene.state_dir / "mirrors").glob("*.lock"):
            lock = stack.enter_context(path.open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def part(agent: str, *scripts: str) -> str:
    """Write what an agent does in its first run, its second, and so on."""
    return "".join(f"@{agent} {number}\n{script}\n" for number, script in enumerate(scripts, 1))


def recorded(name: str) -> str:
    """Write the part of an agent that fails as one was seen to fail."""
    return f"cat {RECORDINGS / name}.out; cat {RECORDINGS / name}.err >&2; exit 1"


def limited_for(seconds: int) -> str:
    """Write the part of the agent `command` that is rate limited."""
    return f"echo 'Too many requests, retry in {seconds} seconds' >&2; exit 75"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of an agent."""

    agent: str
    iteration: int
    pid: int


@dataclass(frozen=True, slots=True)
class Scene:
    """One story's repository, beside the server and the host that stories share."""

    temporal: Client
    state_dir: Path
    directory: Path

    @property
    def client(self) -> AidpClient:
        """How people steer."""
        return AidpClient(self.temporal)

    @property
    def project(self) -> Path:
        """The repository."""
        return self.directory / "project"

    def prepare(self) -> None:
        """Make a repository of one commit."""
        self.project.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.configure(CONFIG)

    def configure(self, config: str) -> None:
        """Commit a configuration."""
        self.commit({".aidp/aidp.yml": config})

    def commit(self, files: dict[str, str]) -> None:
        """Commit files."""
        for name, text in files.items():
            path = self.project / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "--all")
        self.git("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "-q", "-m", "Go on")

    def git(self, *arguments: str) -> str:
        """Run git in the repository the way a person does."""
        done = subprocess.run(("git", *arguments), cwd=self.project, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def file(self, ref: str, path: str) -> str:
        """Read a file of a branch."""
        return self.git("show", f"{ref}:{path}")

    async def start(self, *parts: str, wishes: Wishes | None = None) -> "Loop":
        """Start a loop whose agents play these parts."""
        task = f"stage: {self.directory}\n{''.join(parts)}@end\n"
        return Loop(self, await self.client.start_work_loop(self.project, "Do it", task, wishes))

    async def start_with(self, signal: str, argument: object, parts: str) -> LoopResult:
        """Start a loop together with a signal, which is there before its first step; returns how it ended."""
        handle = await self.temporal.start_workflow(
            WorkLoopWorkflow.run,
            LoopInput(self._spec(signal, parts)),
            id=f"{signal}-{self.directory.name}",
            task_queue=MAIN_QUEUE,
            start_signal=signal,
            start_signal_args=[argument],
        )
        return await handle.result()

    async def start_verified(self, *parts: str) -> "Loop":
        """Start a loop whose work is compared with its task in the end."""
        spec = replace(self._spec("verified", "".join(parts)), verify=True)
        await self.temporal.start_workflow(WorkLoopWorkflow.run, LoopInput(spec), id=spec.id, task_queue=MAIN_QUEUE)
        return Loop(self, spec.id)

    def _spec(self, name: str, parts: str) -> LoopSpec:
        task = Task("Do it", f"stage: {self.directory}\n{parts}@end\n")
        source = Source(project_dir=str(self.project))
        return LoopSpec(f"loop:{name}", source, f"aidp/{name}", task, "Do it", read_config=True)

    def cue(self, name: str = "go") -> None:
        """Make the file that a part waits for."""
        (self.directory / name).touch()

    def waiting(self, then: str = DONE, name: str = "go") -> str:
        """Write a part that waits for a cue."""
        return f"while ! test -e {self.directory / name}; do sleep 0.05; done; {then}"

    def read(self, name: str) -> str:
        """Read what a part has left beside the repository; empty until it has."""
        path = self.directory / name
        return path.read_text() if path.exists() else ""

    def worktrees(self) -> list[str]:
        """List what is left of this story's worktrees on the host."""
        tasks = (path for path in self.state_dir.glob("runs/*/task.md") if str(self.directory) in path.read_text())
        return [str(task.parent) for task in tasks if (task.parent / "tree").exists()]

    @property
    def runs(self) -> list[Run]:
        """The runs of all agents, in order."""
        words = (line.split() for line in self.read("runs").splitlines())
        return [Run(f"{name}/{model}".removesuffix("/-"), int(run), int(pid)) for name, model, run, pid in words]

    @property
    def agents(self) -> list[str]:
        """Who was asked, in order."""
        return [run.agent for run in self.runs]

    def prompt(self, number: int) -> str:
        """Read the prompt of the run with this number."""
        return (self.directory / f"prompt-{number}").read_text()

    async def run_number(self, number: int) -> Run:
        """Wait for a run to have begun."""
        return await until(lambda: self.runs[number - 1] if len(self.runs) >= number else None)


@dataclass(frozen=True, slots=True)
class Loop:
    """A running work loop."""

    scene: Scene
    id: str

    @property
    def handle(self) -> WorkflowHandle[WorkLoopWorkflow, LoopResult]:
        """The workflow."""
        return self.scene.temporal.get_workflow_handle_for(WorkLoopWorkflow.run, self.id)

    async def progress(self) -> Progress:
        """Ask where it is."""
        return await self.handle.query(WorkLoopWorkflow.status)

    async def until(self, is_so: Callable[[Progress], bool]) -> Progress:
        """Wait until it is so."""
        with anyio.fail_after(PATIENCE_SECONDS):
            while not is_so(progress := await self.progress()):
                await anyio.sleep(0.05)
        return progress

    async def until_note(self, words: str) -> Progress:
        """Wait until it says so."""
        return await self.until(lambda progress: words in progress.note)

    async def until_taken(self, step: str) -> None:
        """Wait until a host is at a step."""
        with anyio.fail_after(PATIENCE_SECONDS):
            while step not in await self._underway():
                await anyio.sleep(0.05)

    async def _underway(self) -> list[str]:
        pending = (await self.handle.describe()).raw_description.pending_activities
        return [step.activity_type.name for step in pending if step.state == STARTED]

    async def log(self) -> list[str]:
        """Read what has happened, also after the end."""
        return [line.text for line in (await self.progress()).log]

    async def result(self) -> LoopResult:
        """Wait for the end."""
        with anyio.fail_after(PATIENCE_SECONDS):
            return await self.handle.result()

    async def history_length(self) -> int:
        """Count the events of its history."""
        return (await self.handle.describe()).history_length


def alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def with_agents(directory: Path) -> str:
    """Write a PATH on which the stand-ins come first."""
    return f"{directory}{os.pathsep}{os.environ['PATH']}"


def now() -> float:
    """Tell the time, to measure how long something took."""
    return time.monotonic()


@asynccontextmanager
async def pushing(scene: Scene) -> AsyncGenerator[Loop]:
    """Bring a loop to its push, and hold that up for as long as the block lasts: git refuses to move the branch."""
    loop = await scene.start(part("command", scene.waiting()))
    await scene.run_number(1)
    lock = scene.project / ".git/refs/heads" / f"{(await loop.progress()).branch}.lock"
    lock.parent.mkdir()
    lock.touch()
    scene.cue()
    await loop.until_note("Pushing the branch")
    yield loop
    lock.unlink()
