"""The scene of all parts: a local GitHub, Temporal on a file, and doors and workers that can be killed at any time."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import anyio
from picture import Picture, difference, doubled, is_over, outline, picture
from story_kit import PERSON, Story, agent_command
from table import Case, say
from temporalio.client import Client

from github_app.demo.github import LocalGitHub
from github_app.demo.stage import Ports, registration
from github_app.temporal import connect, embedded, profile_of
from workflows.delivery_sweep import DeliverySweepWorkflow
from workflows.ports import MAIN_QUEUE
from workflows.reconcile import ReconcileWorkflow

LIVES = Path(__file__).with_name("lives.py")
PATIENCE = 400.0
"""A lost call to GitHub is made again after a minute; some cases lose a few."""
LOOK_SECONDS = 0.2
ATTEMPTS_APART = timedelta(minutes=31)
"""Longer than the longest pause between two attempts at a lost webhook."""
SWEEPS = 12
QUIET_LOOKS = 5
STUCK = 3
"""Attempts at a task after which a workflow is not busy but broken, which shows in the end."""
WORKING = ("BuildProcessorWorkflow", "CiFixProcessorWorkflow", "WorkLoopWorkflow")
BUSY = f"ExecutionStatus = 'Running' AND WorkflowType IN {WORKING}"


@dataclass(slots=True)
class Part:
    """A door or a worker, kept alive by a process of its own."""

    role: str
    name: str
    folder: Path
    address: str
    env: Mapping[str, str]
    keeper: "subprocess.Popen[bytes] | None" = None

    def start(self, **more: str) -> None:
        """Start it."""
        argv = (sys.executable, str(LIVES), self.role, self.name, str(self.folder), self.address)
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.keeper = subprocess.Popen(argv, env={**self.env, **more}, stdout=log, stderr=log, cwd=self.folder)

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self.keeper:
            self.keeper.terminate()
            self.keeper.wait(60)
            self.keeper = None

    def end(self) -> None:
        """End it for good, without waiting for what it has under way."""
        if self.keeper:
            self.keeper.kill()
            self.keeper.wait()
            self.keeper = None
            self.kill()

    def kill(self) -> None:
        """Kill the life it has now; the next one follows."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(int((self.folder / f"{self.name}.pid").read_text()), signal.SIGKILL)

    @property
    def lives(self) -> int:
        """How many lives have begun their work."""
        path = self.folder / f"{self.name}.lives"
        return len(path.read_text().splitlines()) if path.exists() else 0

    async def until_lives(self, more_than: int = 0) -> None:
        """Wait for a life to begin its work."""
        with anyio.fail_after(120):
            while self.lives <= more_than:
                if self.keeper and self.keeper.poll() is not None:
                    raise RuntimeError(f"{self.name} ended:\n{(self.folder / f'{self.name}.log').read_text()[-2000:]}")
                await anyio.sleep(0.02)


@dataclass(frozen=True, slots=True)
class Trial:
    """A story under trouble, and what it is to look like in the end."""

    case: Case
    story: Story
    wanted: Picture
    since: float = field(default_factory=time.monotonic)


@dataclass(slots=True)
class Scene:
    """All of it."""

    root: Path
    github: LocalGitHub
    temporal: Client
    door: Part
    workers: list[Part]
    ports: Ports
    stories: list[Story] = field(default_factory=list[Story])

    @property
    def orders(self) -> Path:
        """Where deaths are ordered."""
        return self.root / "orders"

    def begin(self, files: Mapping[str, str | bytes], ci: str | None = None) -> Story:
        """Begin a story in a repository, an account and with it an installation of its own."""
        repository = self.github.add_repository(f"acme-{len(self.stories)}", "calc", files=files, ci=ci)
        self.github.set_permission(repository, PERSON, "write")
        story = Story(self.github, self.temporal, repository)
        self.stories.append(story)
        return story

    async def sweep(self) -> None:
        """Run the sweep of lost webhooks as often as it takes, with the pauses it wants between two attempts."""
        for _ in range(SWEEPS):
            await self.settle()
            if not self.lost():
                return
            self.let_pass(ATTEMPTS_APART)
            await self.sweep_once()

    async def reconcile(self) -> None:
        """Look for what no webhook brought."""
        name = f"reconcile:{uuid.uuid4()}"
        await self.temporal.execute_workflow(ReconcileWorkflow.run, id=name, task_queue=MAIN_QUEUE)
        await self.settle()

    def let_pass(self, time: timedelta) -> None:
        """Let every webhook have been tried so much longer ago; the clock itself goes on as it should."""
        log = self.github.deliveries
        log[:] = [replace(it, delivered_at=it.delivered_at - time) for it in log]

    async def sweep_once(self) -> None:
        """Look for lost webhooks now."""
        name = f"sweep:{uuid.uuid4()}"
        await self.temporal.execute_workflow(DeliverySweepWorkflow.run, id=name, task_queue=MAIN_QUEUE)
        await self.settle()

    def lost(self) -> set[str]:
        """Name the webhooks that nobody has taken so far."""
        taken = {it.guid for it in self.github.deliveries if it.status_code in range(200, 300)}
        return {it.guid for it in self.github.deliveries} - taken

    async def settle(self) -> None:
        """Wait until no webhook is on its way."""
        await self.github.settle()

    async def idle(self) -> None:
        """Wait until no workflow has anything to do and no webhook is on its way, and still has not a moment later."""
        quiet = 0
        with anyio.move_on_after(PATIENCE):
            while quiet < QUIET_LOOKS:
                await self.settle()
                quiet = 0 if await self._is_busy() else quiet + 1
                await anyio.sleep(LOOK_SECONDS)

    async def _is_busy(self) -> bool:
        if (await self.temporal.count_workflows(BUSY)).count:
            return True
        running = [it async for it in self.temporal.list_workflows("ExecutionStatus = 'Running'")]
        found = await asyncio.gather(*(self.temporal.get_workflow_handle(it.id).describe() for it in running))
        raw = [it.raw_description for it in found]
        return any(it.pending_activities or 0 < it.pending_workflow_task.attempt < STUCK for it in raw)

    async def judge(self, trial: Trial) -> Case:
        """Wait until a story looks as it should; say what is missing, what is there twice, and how long it took."""
        wanted = set(trial.wanted)
        with anyio.move_on_after(PATIENCE):
            while not (is_over(trial.story) and wanted.issuperset(seen := outline(trial.story)) and _all(seen, trial)):
                await anyio.sleep(LOOK_SECONDS)
        if trial.case.seconds:
            return await self.look(trial)
        trial.case.seconds = time.monotonic() - trial.since
        await self.look(trial)
        say(trial.case.line)
        return trial.case

    async def look(self, trial: Trial) -> Case:
        """Compare a story with the clean one as it is now."""
        trial.case.lost = difference(trial.wanted, await picture(trial.story))
        trial.case.doubled = await doubled(trial.story)
        return trial.case

    async def judge_all(self, trials: Sequence[Trial]) -> list[Case]:
        """Judge side by side, and look once more when all is quiet: nothing may come late."""
        await asyncio.gather(*map(self.judge, trials))
        await self.idle()
        cases = [await self.look(trial) for trial in trials]
        for trial in trials:
            if trial.case.seconds >= PATIENCE:  # nobody has waited for its end until now
                trial.case.seconds = time.monotonic() - trial.since
            if trial.case.failed:
                trial.case.evidence = await self._evidence(trial.story)
        return cases

    async def _evidence(self, story: Story) -> str:
        """Keep the histories and calls of a story that went wrong; returns where."""
        folder = Path(tempfile.mkdtemp(prefix="aidp-chaos-evidence-"))
        async for execution in self.temporal.list_workflows():
            if f":{story.repository.id}" in execution.id:
                handle = self.temporal.get_workflow_handle(execution.id, run_id=execution.run_id)
                name = execution.id.replace("/", "_")
                (folder / f"{name}.{execution.run_id}.json").write_text((await handle.fetch_history()).to_json())
        calls = [str(call) for call in story.github.calls if story.repository.full_name in call.path]
        (folder / "calls.txt").write_text("\n".join(calls))
        return str(folder)

    def kill_temporal(self) -> None:
        """Kill the server; it comes back on the same database."""
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                line = path.read_bytes().split(b"\0")
                if line[0].endswith(b"/temporal") and str(self.root / "temporal.db").encode() in line:
                    os.kill(int(path.parent.name), signal.SIGKILL)


def _all(seen: Picture, trial: Trial) -> bool:
    """Whether nothing that needs no git is missing."""
    return len(seen) == sum(" on refs/" not in line for line in trial.wanted)


@contextlib.asynccontextmanager
async def scene(root: Path, workers: int = 1) -> AsyncGenerator[Scene]:
    """Start everything."""
    app, ports = registration(""), Ports()
    github = LocalGitHub(root / "github", app)
    async with github.serve(), embedded(root, ports.temporal) as server:
        client = await connect(profile_of({}), root)
        env = _environment(github, root, ports)
        door = Part("door", "door", root, server.address, env)
        made = Scene(root, github, client, door, [_worker(root, server.address, env, n) for n in range(workers)], ports)
        github.send_webhooks_to(f"http://127.0.0.1:{ports.door}/webhook")
        made.orders.mkdir()
        try:
            for part in (door, *made.workers):
                part.start()
            for part in (door, *made.workers):
                await part.until_lives()
            yield made
        finally:
            for part in (door, *made.workers):
                part.end()
    if github.unknown_routes:
        raise RuntimeError(f"the local GitHub has no answer for {github.unknown_routes}")


def _worker(root: Path, address: str, env: Mapping[str, str], number: int) -> Part:
    """Make a host with a disk of its own."""
    name = f"work-{number}"
    return Part("work", name, root, address, {**env, "AIDP_HOST_ID": name, "AIDP_STATE_DIR": str(root / name)})


def _environment(github: LocalGitHub, root: Path, ports: Ports) -> dict[str, str]:
    """Set what an operator would set."""
    app = github.world.app
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "HOME": str(root),
        "AIDP_GITHUB_APP_ID": str(app.id),
        "AIDP_GITHUB_PRIVATE_KEY": app.private_key_pem,
        "AIDP_GITHUB_WEBHOOK_SECRET": app.webhook_secret,
        "AIDP_GITHUB_API_URL": github.url,
        "AIDP_GITHUB_URL": github.url,
        "AIDP_GITHUB_WRITE_LIMITS": "false",
        "AIDP_STATE_DIR": str(root),
        "AIDP_PORT": str(ports.door),
        "AIDP_AGENTS": "command",
        "AIDP_AGENT_COMMAND": agent_command(),
        "AIDP_AGENT_SLOTS": "8",
    }
