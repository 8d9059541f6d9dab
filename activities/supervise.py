"""Stands between a worker and one child process, so that no descendant of the child outlives either of them.

Run as `python -I -S supervise.py CONTROL_FD GRACE_SECONDS PROGRAM [ARGUMENT ...]`. The worker holds the other end of
the control pipe: when it closes it, or dies (SIGKILL included), the child's whole tree gets TERM and, after the grace,
KILL. Being a subreaper, the supervisor also finds descendants that left the process group. When the child ends by
itself, what it left running is killed at once. Exit status: the child's, 128+n for signal n, 127 for no such program.
"""

import ctypes
import os
import select
import signal
import sys
import time
from collections import defaultdict
from types import FrameType

PR_SET_CHILD_SUBREAPER = 36
NO_SUCH_PROGRAM = 127
POLL_SECONDS = 0.005


def main(arguments: list[str]) -> int:
    """Run the program under supervision and return its exit status."""
    control, grace, argv = int(arguments[0]), float(arguments[1]), arguments[2:]
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    wake = _wake_on_signals()
    leader = _start(argv, control)
    status = _until_exit_or_release(leader, control, wake)
    if status is None:
        _signal(_descendants(), signal.SIGTERM)
        status = _until_exit(leader, grace)
    status = _kill_the_rest(leader, status)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _wake_on_signals() -> int:
    """Let signals end a `select`; a TERM to the whole group is the child's business, not ours."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _be_deaf)
    return reader


def _be_deaf(_number: int, _frame: FrameType | None) -> None:
    """Be a function, since SIG_IGN would be inherited by the child."""


def _start(argv: list[str], control: int) -> int:
    child = os.fork()
    if child:
        return child
    os.close(control)
    try:
        os.execvp(argv[0], argv)  # noqa: S606  # the worker chose the argv, and there is no shell
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
        os._exit(NO_SUCH_PROGRAM)


def _until_exit_or_release(leader: int, control: int, wake: int) -> int | None:
    """Return the leader's wait status, or None when the worker let go of the control pipe."""
    while (status := _reap(leader)) is None:
        ready, _, _ = select.select([control, wake], [], [])
        if control in ready:
            return None
        os.read(wake, 512)
    return status


def _until_exit(leader: int, seconds: float) -> int | None:
    deadline = time.monotonic() + seconds
    while (status := _reap(leader)) is None and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return status


def _kill_the_rest(leader: int, status: int | None) -> int:
    """Kill until nobody is left, since a descendant may fork while it is being looked for."""
    while descendants := _descendants():
        _signal(descendants, signal.SIGKILL)
        time.sleep(POLL_SECONDS)
        reaped = _reap(leader)
        status = reaped if status is None else status
    return signal.SIGKILL if status is None else status


def _reap(leader: int) -> int | None:
    """Collect every finished child, adopted ones too; return the leader's wait status if it is among them."""
    status = None
    try:
        while (finished := os.waitpid(-1, os.WNOHANG))[0]:
            if finished[0] == leader:
                status = finished[1]
    except ChildProcessError:
        return status
    return status


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def _descendants() -> list[int]:
    children = _children()
    found: list[int] = []
    queue = [os.getpid()]
    while queue:
        mine = children[queue.pop()]
        found += mine
        queue += mine
    return found


def _children() -> dict[int, list[int]]:
    """Every live process by its parent."""
    children: dict[int, list[int]] = defaultdict(list)
    for name in os.listdir("/proc"):  # noqa: PTH208  # pathlib would double the start-up time
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                state, parent = file.read().rpartition(b") ")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != b"Z" or int(parent) == os.getpid():
            children[int(parent)].append(int(name))
    return children


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
