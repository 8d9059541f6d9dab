"""The repository's own commands: find them, run them, say what came out."""

import asyncio
import re
import shlex
import zlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from temporalio import activity

from activities import process
from activities.checks.detect import detect
from activities.checks.environment import environment, make_room
from activities.checks.judge import Run, judge
from activities.checks.tree import read_inside
from workflows.model import Category, CheckCommand, CheckResult, ChecksRequest, Workspace

LOG_BYTES = 2_000_000
JUNIT_BYTES = 5_000_000
MAX_SLUG = 60

PLAIN_PYTEST = re.compile(
    r"\s*(?:\w+=\w* )*(?:(?:uv|poetry|pdm|pipenv|hatch) run )?(?:\S*python[\d.]* -m )?"
    r"(?:\S*/)?py\.?test(?:[ ][^;&|<>`$()\n]*)?"
)
"""A command line that is one call of pytest, and nothing that could start a second one."""

OTHER = frozenset(Category) - {Category.TEST, Category.LINT}


class CheckActivities:
    """The port `Checks`, on the host that has the worktree. A red check is a result, not an error."""

    def __init__(self, operator_environment: Mapping[str, str]) -> None:
        self._operator_environment = operator_environment

    @activity.defn
    async def detect_checks(self, workspace: Workspace, /) -> tuple[CheckCommand, ...]:
        """Find the usual test and lint commands of what lies in the worktree."""
        return await asyncio.to_thread(detect, Path(workspace.directory, "tree"))

    @activity.defn
    async def run_tests(self, request: ChecksRequest, /) -> tuple[CheckResult, ...]:
        """Run the commands of category test."""
        return await self._run_all(request, {Category.TEST})

    @activity.defn
    async def run_linters(self, request: ChecksRequest, /) -> tuple[CheckResult, ...]:
        """Run the commands of category lint."""
        return await self._run_all(request, {Category.LINT})

    @activity.defn
    async def run_other_checks(self, request: ChecksRequest, /) -> tuple[CheckResult, ...]:
        """Run the commands of every other category."""
        return await self._run_all(request, OTHER)

    async def _run_all(self, request: ChecksRequest, categories: AbstractSet[Category]) -> tuple[CheckResult, ...]:
        checks = (
            Check(command, Path(request.workspace.directory), request.iteration)
            for command in request.commands
            if command.category in categories
        )
        return tuple([await self._run(check) for check in checks])

    async def _run(self, check: "Check") -> CheckResult:
        await asyncio.to_thread(check.prepare)
        finished = await process.run(
            process.Command(
                argv=("sh", "-c", check.command.command),
                cwd=check.directory / "tree",
                env=environment(self._operator_environment, check.directory, check.temporary) | check.reporting(),
                log=check.log,
                merge_stderr=True,
                wall_seconds=check.command.timeout_seconds,
                log_bytes=LOG_BYTES,
            )
        )
        return await asyncio.to_thread(check.judge, finished)


@dataclass(frozen=True, slots=True)
class Check:
    """One command in one iteration, and where it leaves its traces."""

    command: CheckCommand
    directory: Path
    iteration: int

    @property
    def log(self) -> Path:
        """The file that keeps its output."""
        return self.directory / "logs" / f"iteration-{self.iteration}-{slug(self.command.name)}.log"

    @property
    def junit(self) -> Path:
        """The file that pytest reports to."""
        return self.log.with_suffix(".xml")

    @property
    def temporary(self) -> Path:
        """Its temporary folder; other categories have their own, since tests and linters run side by side."""
        return self.directory / "tmp" / self.command.category

    def prepare(self) -> None:
        """Make the folders, and remove the report of an earlier attempt, which would pass for this one's."""
        make_room(self.directory, self.temporary)
        self.junit.unlink(missing_ok=True)

    def reporting(self) -> dict[str, str]:
        """Ask pytest for a report without touching the repository's command line."""
        if not PLAIN_PYTEST.fullmatch(self.command.command):
            return {}
        report = ("-o", "junit_family=xunit1", f"--junitxml={self.junit}")  # xunit2 does not name the file of a test
        clean = ("-o", f"cache_dir={self.temporary / 'pytest-cache'}")  # `-p no:cacheprovider` forbids `--ff`
        return {"PYTEST_ADDOPTS": shlex.join((*report, *clean))}

    def judge(self, finished: process.Finished) -> CheckResult:
        """Say what came out."""
        junit = read_inside(self.directory, f"logs/{self.junit.name}", JUNIT_BYTES) or ""
        return judge(Run(self.command, finished, self.directory, self.log, junit))


def slug(name: str) -> str:
    """Make a file name of a check's name; two names never share one."""
    simple = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:MAX_SLUG]
    if simple == name.lower().replace(" ", "-"):
        return simple
    return f"{simple or 'check'}-{zlib.crc32(name.encode('utf-8', 'replace')):08x}"
