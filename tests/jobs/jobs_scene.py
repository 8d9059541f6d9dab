"""A repository, an agent on a cue, and the command line as a person uses it."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import anyio
from temporalio.client import Client

from github_app.jobs import AidpClient, JobState, JobStatus

AGENT = (sys.executable, "-I", str(Path(__file__).with_name("jobs_agent.py")))
AIDP = Path(sys.executable).with_name("aidp")
CONFIG = "commands: []\nproviders: [command]\nmax_iterations: 5\n"
PATIENCE_SECONDS = 60

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed."""

    code: int
    out: str
    err: str

    def json(self) -> Any:  # noqa: ANN401  # JSON
        """Read the one document on stdout."""
        return json.loads(self.out)

    def json_lines(self) -> list[Any]:
        """Read the documents on stdout, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True, slots=True)
class Stage:
    """One story's repository, beside a worker that all stories share."""

    temporal: Client
    state_dir: Path
    directory: Path

    @property
    def client(self) -> AidpClient:
        """The Python client."""
        return AidpClient(self.temporal)

    @property
    def project(self) -> Path:
        """The repository."""
        return self.directory / "project"

    def prepare(self) -> None:
        """Make the repository, with one commit."""
        (self.project / ".aidp").mkdir(parents=True)
        (self.project / ".aidp/aidp.yml").write_text(CONFIG)
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit()

    def commit(self) -> None:
        """Commit everything."""
        self.git("add", "--all")
        self.git("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "--quiet", "--message=Begin")

    def git(self, *arguments: str) -> str:
        """Run git in the repository the way a person does."""
        done = subprocess.run(("git", *arguments), cwd=self.project, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def prompt(self, *words: str) -> str:
        """Write a prompt whose agent waits for this story's cues."""
        return "\n".join((f"stage: {self.directory}", *words))

    def cue(self, name: str = "go") -> None:
        """Let the agent go on: in one run (`go-1`), or always."""
        (self.directory / name).touch()

    async def start(self, *words: str, step: str = "Add an answer") -> str:
        """Start a job."""
        return await self.client.start_work_loop(self.project, step, self.prompt(*words))

    async def until_working(self, run: int = 1) -> int:
        """Wait until the agent is in this run; returns its process id."""
        path = self.directory / f"pid-{run}"

        async def look() -> str:
            return path.read_text() if path.exists() else ""

        return int(await until(look))

    async def until_state(self, job_id: str, state: JobState) -> JobStatus:
        """Wait until the job is so."""

        async def look() -> JobStatus | None:
            status = await self.client.status(job_id)
            return status if status.job.state is state else None

        return await until(look)

    async def until_listed(self, words: str) -> "Said":
        """List the project's jobs until the list says this: Temporal's lists lag."""

        async def look() -> Said | None:
            said = await self.say("list", "--project-dir", "project")
            return said if words in said.out else None

        return await until(look)

    async def say(self, *words: str, stdin: str = "") -> Said:
        """Type `aidp jobs ...`."""
        process = await asyncio.create_subprocess_exec(
            *(AIDP, "jobs", *words),
            cwd=self.directory,
            env={
                "PATH": os.environ["PATH"],
                "AIDP_STATE_DIR": str(self.state_dir),
                "TEMPORAL_CONFIG_FILE": "/nonexistent",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, err = await process.communicate(stdin.encode())
        return Said(process.returncode or 0, out.decode(), err.decode())


async def until(look: Callable[[], Awaitable[T | None]]) -> T:
    """Look until there is something to see."""
    with anyio.fail_after(PATIENCE_SECONDS):
        while not (found := await look()):
            await anyio.sleep(0.05)
    return found
