"""Kills: whatever dies in an iteration, the loop ends as it would have, with at most one iteration more."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from loop_scene import DONE, MORE, Loop, Scene, alive, part, settings
from mortal_hosts import moments
from story_kit import until
from temporal_kit import temporal_server
from temporalio.client import Client

from github_app.demo.stage import free_port
from github_app.temporal import connect, embedded, prepare, profile_of
from github_app.worker import working
from workflows.ledger import LedgerWorkflow
from workflows.loop_controls import Pause
from workflows.model import Ending, LoopResult, Source, Spending, Spent, Totals
from workflows.work_loop import WorkLoopWorkflow

HOSTS = Path(__file__).with_name("mortal_hosts.py")
QUESTIONS = ("write-question", "read-answer")
"""Steps of the look at the finished work, which only these loops take."""
STEPS = (
    "open-workspace",
    "read-project-config",
    "detect-checks",
    "write-prompt",
    "run-agent",
    "reset-workspace",
    "stage-changes",
    "withdraw-changes",
    "run-other-checks",
    "run-tests",
    "run-linters",
    "commit-checkpoint",
    *QUESTIONS,
    "publish-branch",
    "close-workspace",
    "record-spending",
)
"""Every step that a loop of a job takes; `make chaos` kills workers at those of whole stories."""
CANCELLED = "run-agent.cancelled"
REPEATED = {"run-agent": (1, 2), "reset-workspace": (1,), **dict.fromkeys(QUESTIONS, (1,))}
"""How often the agent is asked again: after two of the deaths, unless the first of these came before it had begun; and
after the failure that makes a reset necessary. A question is put once."""
CONFIG = """\
commands:
  - {name: first, command: test -e first.txt, category: test}
  - {name: lint, command: ls, category: lint}
  - {name: build, command: ls, category: build}
providers: [command]
guards: {exclude: [secret.txt]}
pull_request: {verify_rounds: 1}
"""
DETECTED = {".aidp/aidp.yml": "providers: [command]\n", "Makefile": "test:\n\ttest -e first.txt\n"}
TWO_ITERATIONS = f"if test -e first.txt; then {DONE}; else echo 1 > first.txt; echo 'STATUS: CONTINUE'; fi"
FORBIDDEN = "touch secret.txt; "
UNAVAILABLE = "exit 69"
UNMET = """printf '```json\\n{"unmet": ["a picture"], "remark": ""}\\n```\\n'"""
NO_PROFILE = profile_of({"TEMPORAL_CONFIG_FILE": "/nonexistent"})

Life = tuple[Scene, "asyncio.Task[LoopResult]"]


async def live(client: Client, directory: Path, step: str) -> Life:
    """Start a loop on the host that dies at this step."""
    config = client.config()
    config["namespace"] = step
    there = Client(**config)
    await prepare(there)
    scene = Scene(there, directory / step, directory / f"scene-{step}")
    scene.directory.mkdir()
    scene.prepare()
    scene.configure(CONFIG)
    if step == "detect-checks":
        scene.commit(DETECTED)
    loop = await begun(scene, step)
    return scene, asyncio.create_task(cancelled(loop, directory) if step == CANCELLED else loop.result())


async def begun(scene: Scene, step: str) -> Loop:
    """Start a loop whose story leads through this step."""
    match step:
        case "reset-workspace":
            return await scene.start(part("command", UNAVAILABLE, TWO_ITERATIONS))
        case "withdraw-changes":
            return await scene.start(part("command", f"{FORBIDDEN}{TWO_ITERATIONS}", TWO_ITERATIONS))
        case _ if step in QUESTIONS:
            return await scene.start_verified(part("command", TWO_ITERATIONS, TWO_ITERATIONS, UNMET))
        case _:
            return await scene.start(part("command", TWO_ITERATIONS))


async def cancelled(loop: Loop, directory: Path) -> LoopResult:
    """Cancel the loop as soon as its host has died."""
    await until((directory / f"{CANCELLED}-before").exists)
    await loop.handle.signal(WorkLoopWorkflow.cancel, "ada changed her mind")
    return await loop.result()


@pytest.fixture(scope="module")
async def lives(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[dict[str, Life]]:
    """Let all of it happen side by side: most of the time is waiting for heartbeats that do not come."""
    directory = tmp_path_factory.mktemp("kills")
    steps = (*STEPS, CANCELLED)
    namespaces = [word for step in steps for word in ("--namespace", step)]
    async with temporal_server(directory, flags=namespaces) as client:
        command = (sys.executable, str(HOSTS), client.service_client.config.target_host, str(directory), *steps)
        with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}) as hosts:
            try:
                yield {step: await live(client, directory, step) for step in steps}
            finally:
                hosts.terminate()


@pytest.mark.parametrize("step", STEPS)
async def test_a_host_killed_before_during_and_after_a_step(lives: dict[str, Life], step: str) -> None:
    """The host's next life finishes the work: one branch, one commit, the right content, nothing left behind."""
    scene, ending = lives[step]
    result = await ending
    assert len(list(scene.state_dir.parent.glob(f"{step}-*"))) == len(moments(step))
    assert (result.outcome.ending, result.iterations) == (Ending.DONE, 2)
    assert len(scene.runs) - 2 in REPEATED.get(step, (0,))
    assert result.unmet == ("a picture",) * (step in QUESTIONS)
    [branch] = scene.git("for-each-ref", "--format=%(refname:short)", "refs/heads/aidp").split()
    assert scene.git("diff", "--name-only", "main", branch).split() == ["done.txt", "first.txt"]
    assert scene.git("rev-list", "--count", f"main..{branch}") == "1"
    assert scene.git("for-each-ref", "refs/aidp") == ""
    assert scene.worktrees() == []
    assert [run.pid for run in scene.runs if alive(run.pid)] == []


async def test_what_was_spent_is_counted_once(lives: dict[str, Life]) -> None:
    """Whichever of the hosts has told the ledger, it knows what the loop has spent, and nothing else."""
    scene, ending = lives["record-spending"]
    spent, today = (await ending).spent, datetime.now(UTC).date()
    entry = Spending("", Source(project_dir=str(scene.project)), 0, "")
    ledger = scene.temporal.get_workflow_handle_for(LedgerWorkflow.run, entry.ledger_id)
    days = (today - timedelta(days=1), today)  # it may have been before midnight
    told = [await ledger.query("totals", args=[0, str(day)], result_type=Totals) for day in days]
    assert sum((totals.day for totals in told), Spent()) == spent


async def test_a_cancellation_outlasts_the_host_that_should_hear_of_it(lives: dict[str, Life]) -> None:
    """The step it would have stopped ends by the loss of its host; that is no reason to ask the agent again."""
    scene, ending = lives[CANCELLED]
    result = await ending
    assert (result.outcome.ending, result.outcome.reason) == (Ending.CANCELLED, "ada changed her mind")
    assert scene.runs == []
    assert scene.worktrees() == []


async def test_a_killed_agent_is_asked_again(scene: Scene) -> None:
    """What kills an agent, the kernel for its memory say, need not kill the next one."""
    scene.configure("commands: []\nproviders: [claude]\n")
    loop = await scene.start(part("claude", "echo half > half.txt; sleep 300", DONE))
    os.kill((await scene.run_number(1)).pid, signal.SIGKILL)
    result = await loop.result()
    assert (result.outcome.ending, result.iterations, len(scene.runs)) == (Ending.DONE, 1, 2)
    assert result.published
    assert result.published.files == ("done.txt",)


@pytest.fixture
async def own(tmp_path: Path) -> AsyncGenerator[Scene]:
    """Prepare a repository beside a Temporal of this story's own."""
    (state_dir := tmp_path / "state").mkdir()
    async with embedded(state_dir, free_port()):
        scene = Scene(await connect(NO_PROFILE, state_dir), state_dir, tmp_path)
        scene.prepare()
        yield scene


async def test_temporal_killed_while_the_agent_runs(own: Scene) -> None:
    """It comes back on the same database; the agent has worked on meanwhile, and its answer counts."""
    async with working(own.temporal, settings(own.state_dir)):
        loop = await own.start(part("command", MORE, own.waiting()))
        await own.run_number(2)
        [server] = servers(own.state_dir)
        os.kill(server, signal.SIGKILL)
        own.cue()
        result = await loop.result()
    assert (result.outcome.ending, result.iterations) == (Ending.DONE, 2)
    assert len(own.runs) == 2
    assert servers(own.state_dir) != [server]


async def test_a_pause_outlasts_its_worker(own: Scene) -> None:
    """A paused loop is not touched by a worker that goes and another that comes, and goes on when told to.

    One that was interrupted before its agent had its turn has spent nothing.
    """
    one_agent = settings(own.state_dir).model_copy(update={"agent_slots": 1})
    async with working(own.temporal, one_agent):
        loop = await own.start(part("command", own.waiting(MORE), DONE))
        await own.run_number(1)
        behind = await own.start(part("command", DONE))
        await behind.until_taken("run_agent")
        await own.client.pause(behind.id, Pause(interrupt=True))
        assert (await behind.until_note("Paused")).spent == Spent()
        await own.client.pause(loop.id)
        own.cue()
        await loop.until_note("Paused")
        length = await loop.history_length()
    async with working(own.temporal, settings(own.state_dir)):
        assert (await loop.progress()).paused
        assert await loop.history_length() == length
        await own.client.resume(loop.id)
        assert (await loop.result()).outcome.ending is Ending.DONE
        await own.client.resume(behind.id)
        result = await behind.result()
    assert (result.outcome.ending, result.spent.iterations, len(own.runs)) == (Ending.DONE, 1, 3)


def servers(state_dir: Path) -> list[int]:
    """Find the Temporal server on this database."""
    found = (path for path in Path("/proc").glob("[0-9]*/exe") if path.is_symlink())
    return [int(path.parent.name) for path in found if _serves(path, state_dir)]


def _serves(exe: Path, state_dir: Path) -> bool:
    try:
        return exe.readlink().name == "temporal" and str(state_dir) in exe.with_name("cmdline").read_text()
    except OSError:  # it has just ended
        return False
