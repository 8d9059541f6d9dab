"""Says what a finished check means. The exit code decides; the output only explains."""

import re
import shlex
import signal
from dataclasses import dataclass
from pathlib import Path

from activities.checks.plain import decoded
from activities.checks.reading import Output, Reading, read, read_failed
from activities.process import Ended, Finished
from workflows.model import CheckCommand, CheckResult

NOT_FOUND = 127
SIGNALLED = 128

MISSING_PROGRAM = (
    re.compile(
        r"^(?:\S*sh: (?:line )?(?:\d+: )?(?:exec: )?|make\S*: |env: )\W?([^\s:]+?)\W?: [\w ]*not found$", re.MULTILINE
    ),
    re.compile(r"^(?:make\S*: |env: )\W?([^\s:]+?)\W?: No such file or directory$", re.MULTILINE),
    re.compile(r"^\w+: command not found: (\S+)$", re.MULTILINE),
)
"""What shells, make, env and bundler say."""
MISSING_MODULE = re.compile(r"\S*python[\d.]*: No module named (\S+)")
MAKE_NOT_FOUND = re.compile(r"^make.* Error 127$", re.MULTILINE)
LAST_WORDS = 5


@dataclass(frozen=True, slots=True)
class Run:
    """A check that has ended, and what it left on the disk."""

    command: CheckCommand
    finished: Finished
    directory: Path
    log: Path
    junit: str = ""


def judge(run: Run) -> CheckResult:
    """Reduce a run to what people and the next prompt need."""
    reading = _reading(run)
    command = run.command
    return CheckResult(
        name=command.name,
        category=command.category,
        passed=_passed(run.finished),
        required=command.required,
        summary=reading.summary,
        failures=reading.failures,
        log=str(run.log),
        seconds=round(run.finished.seconds, 1),
    )


def _passed(finished: Finished) -> bool:
    return finished.ended is Ended.EXITED and finished.exit_code == 0


def _reading(run: Run) -> Reading:
    output = Output(_text(run), run.junit)
    if run.finished.ended is not Ended.EXITED:
        return Reading(f"timed out after {run.command.timeout_seconds} s")
    if _passed(run.finished):
        found = read(output)
        return Reading(found.summary if found else "passed")
    return _missing(run, output.text) or _explained(run.finished.exit_code, read_failed(output))


def _text(run: Run) -> str:
    """Name files as the repository does: where a workspace lies differs from host to host."""
    return decoded(run.finished.stdout).replace(f"{run.directory / 'tree'}/", "").replace(str(run.directory), "…")


def _missing(run: Run, text: str) -> Reading | None:
    """Say plainly that a program is not there: no change to the repository brings it."""
    if run.finished.exit_code == NOT_FOUND or MAKE_NOT_FOUND.search(text):
        named = [name for pattern in MISSING_PROGRAM for name in pattern.findall(text)]
        return _not_installed("command not found", named[-1] if named else _first_word(run.command.command))
    modules = filter(None, map(MISSING_MODULE.fullmatch, text.splitlines()[-LAST_WORDS:]))
    return next((_not_installed("no such Python module", module[1]) for module in modules), None)


def _not_installed(what: str, name: str) -> Reading:
    return Reading(f"{what}: {name}; is it installed on this host?", (f"{what}: {name}",))


def _first_word(command: str) -> str:
    try:
        words = shlex.split(command)
    except ValueError:  # a quote without its end
        words = command.split()
    return next((word for word in words if "=" not in word), command)


def _explained(exit_code: int, reading: Reading) -> Reading:
    """Tell of a signal, which the output can not."""
    if exit_code <= SIGNALLED:
        return reading
    try:
        name = signal.Signals(exit_code - SIGNALLED).name
    except ValueError:  # a program's own large number
        return reading
    return Reading(f"killed by {name}: {reading.summary}", reading.failures)
