"""A child process is bounded in time and output, and never outlives whoever started it."""

import asyncio
import dataclasses
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from temporalio.testing import ActivityEnvironment

from activities.process import Command, Ended, run, service

ENV = {"PATH": os.environ["PATH"]}


def shell(script: str, cwd: Path, **options: object) -> Command:
    """Make a command of a shell script."""
    return Command(("sh", "-c", script), cwd, ENV, **options)  # pyright: ignore[reportArgumentType]


def alive(pid: int) -> bool:
    """Tell whether a process exists and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def until_written(file: Path) -> str:
    """Wait for a child to write a file, and return its text."""
    with anyio.fail_after(10):
        while not (file.exists() and file.read_text().strip()):
            await anyio.sleep(0.01)
    return file.read_text()


async def until_dead(pid: int) -> None:
    """Wait until a process is gone."""
    with anyio.fail_after(10):
        while alive(pid):
            await anyio.sleep(0.01)


async def test_output_and_exit_code_come_back(tmp_path: Path) -> None:
    """Both streams, the exit code and the log file tell what the child did."""
    finished = await run(shell("cat; echo out; echo err >&2; exit 3", tmp_path, stdin=b"in\n", log=tmp_path / "l/log"))
    assert (finished.exit_code, finished.stdout, finished.stderr) == (3, b"in\nout\n", b"err\n")
    assert finished.ended is Ended.EXITED
    assert sorted((tmp_path / "l/log").read_text().split()) == ["err", "in", "out"]


async def test_a_missing_program_is_127_with_its_name(tmp_path: Path) -> None:
    """A program that does not exist ends as the shell would say it."""
    finished = await run(Command(("no-such-program",), tmp_path, ENV))
    assert finished.exit_code == 127
    assert b"no-such-program: No such file" in finished.stderr


async def test_a_child_killed_by_a_signal_is_128_plus_it(tmp_path: Path) -> None:
    """A signal shows in the exit code as in a shell."""
    assert (await run(shell("kill -SEGV $$", tmp_path))).exit_code == 128 + signal.SIGSEGV


async def test_the_environment_is_exactly_what_was_given(tmp_path: Path) -> None:
    """Nothing of the worker's environment reaches a child."""
    finished = await run(Command(("env",), tmp_path, {"PATH": ENV["PATH"], "ONLY": "this"}))
    names = {line.split(b"=")[0] for line in finished.stdout.splitlines()}
    assert names <= {b"PATH", b"ONLY", b"LC_CTYPE"}  # python's own locale coercion may add the last


async def test_output_is_bounded_in_memory_and_on_disk(tmp_path: Path) -> None:
    """A flood keeps its end in memory and its beginning on disk."""
    flood = "yes 0123456789 | head -c 5000000; echo the end"
    finished = await run(shell(flood, tmp_path, log=tmp_path / "log", keep_bytes=1000, log_bytes=10_000))
    assert len(finished.stdout) == 1000
    assert finished.stdout.endswith(b"the end\n")
    assert (tmp_path / "log").stat().st_size < 10_200
    assert "cut here" in (tmp_path / "log").read_text()


async def test_a_child_that_ignores_its_input_is_no_error(tmp_path: Path) -> None:
    """A closed stdin is the child's right."""
    assert (await run(shell("exit 0", tmp_path, stdin=b"x" * 5_000_000))).exit_code == 0


@pytest.mark.parametrize(
    ("script", "options", "ended"),
    [
        ("while :; do echo busy; sleep 0.02; done", {"wall_seconds": 0.3}, Ended.WALL_TIME),
        ("echo once; sleep 60", {"idle_seconds": 0.2}, Ended.IDLE),
    ],
)
async def test_time_limits_end_the_child(tmp_path: Path, script: str, options: dict[str, float], ended: Ended) -> None:
    """The wall clock limits a busy child, the idle limit a silent one."""
    assert (await run(shell(script, tmp_path, **options))).ended is ended


async def test_a_deaf_child_is_killed_after_the_grace(tmp_path: Path) -> None:
    """A child that ignores TERM gets KILL."""
    finished = await run(
        shell("trap '' TERM; while :; do sleep 0.05; done", tmp_path, wall_seconds=0.2, grace_seconds=0.2)
    )
    assert finished.exit_code == 128 + signal.SIGKILL


async def test_nothing_a_child_left_behind_survives_it(tmp_path: Path) -> None:
    """A daemon that left the session is found, because its supervisor adopts it."""
    finished = await run(
        shell("setsid sh -c 'echo $$ > pid; exec sleep 300' & while [ ! -s pid ]; do :; done", tmp_path)
    )
    assert finished.exit_code == 0
    assert not alive(int((tmp_path / "pid").read_text()))


async def test_cancelling_ends_the_whole_tree_before_it_returns(tmp_path: Path) -> None:
    """When the cancellation has come through, no process of the child is left."""
    script = "(setsid sh -c 'echo $$ > grandchild; exec sleep 300') & echo $$ > child; sleep 300"
    task = asyncio.create_task(run(shell(script, tmp_path)))
    pids = [int(await until_written(tmp_path / name)) for name in ("child", "grandchild")]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [pid for pid in pids if alive(pid)] == []


async def test_a_cancellation_in_the_moment_of_the_start_ends_the_child(tmp_path: Path) -> None:
    """Whatever has begun by then is ended, and nobody waits for it."""
    tasks = [asyncio.create_task(run(shell("sleep 300", tmp_path))) for _ in range(20)]
    for task in tasks:
        await asyncio.sleep(0.001)
        task.cancel()
    ended, left = await asyncio.wait(tasks, timeout=60)
    assert not left
    assert all(task.cancelled() for task in ended)


async def test_a_worker_killed_with_sigkill_takes_its_children_along(tmp_path: Path) -> None:
    """SIGKILL of the starting process leaves nothing that could still write."""
    program = (
        "import asyncio, os, pathlib, activities.process as p\n"
        "script = '(setsid sh -c \"echo \\\\$\\\\$ > grandchild; exec sleep 300\") & echo $$ > child; sleep 300'\n"
        f"asyncio.run(p.run(p.Command(('sh', '-c', script), pathlib.Path({str(tmp_path)!r}), dict(os.environ))))\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", program])
    pids = [int(await until_written(tmp_path / name)) for name in ("child", "grandchild")]
    assert all(alive(pid) for pid in pids)
    worker.kill()
    worker.wait()
    for pid in pids:
        await until_dead(pid)


async def test_a_silent_child_still_heartbeats(tmp_path: Path) -> None:
    """Heartbeats come from a timer, not from output."""
    beats: list[float] = []
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.default_info(), heartbeat_timeout=timedelta(seconds=0.4))
    environment.on_heartbeat = lambda *_: beats.append(time.monotonic())
    await environment.run(run, shell("sleep 0.35", tmp_path))
    assert len(beats) >= 3


async def test_a_service_lives_as_long_as_its_block(tmp_path: Path) -> None:
    """A service runs beside its user, writes its log, and is gone when the block is left."""
    async with service(shell("echo $$ > pid; echo ready; exec sleep 300", tmp_path, log=tmp_path / "log")):
        pid = int(await until_written(tmp_path / "pid"))
        assert alive(pid)
    assert not alive(pid)
    assert (tmp_path / "log").read_text() == "ready\n"


@pytest.mark.parametrize("script", ["sleep 300", "trap '' TERM; while :; do sleep 0.05; done"])
async def test_a_trusted_child_is_bounded_as_well(tmp_path: Path, script: str) -> None:
    """Without a supervisor a child still ends at its limit, with its whole process group, and says how."""
    command = shell(f"echo $$ > pid; {script}", tmp_path, trusted=True, wall_seconds=0.3, grace_seconds=0.2)
    finished = await run(command)
    assert finished.ended is Ended.WALL_TIME
    assert finished.exit_code in {128 + signal.SIGTERM, 128 + signal.SIGKILL}
    assert not alive(int((tmp_path / "pid").read_text()))


async def test_cancelling_ends_a_trusted_child(tmp_path: Path) -> None:
    """When the cancellation has come through, the child is gone."""
    task = asyncio.create_task(run(shell("echo $$ > pid; exec sleep 300", tmp_path, trusted=True)))
    pid = int(await until_written(tmp_path / "pid"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not alive(pid)
