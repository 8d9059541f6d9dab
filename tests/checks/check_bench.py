"""A workspace to run checks in, on a host whose operator has secrets."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from activities.checks import CheckActivities
from workflows.model import Category, CheckCommand, CheckResult, ChecksRequest, Source, Workspace

PROGRAMS = f"{Path(sys.executable).parent}:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Bench:
    """A workspace on the disk, with a tree to fill."""

    directory: Path
    operator: Mapping[str, str] = field(default_factory=lambda: {"PATH": PROGRAMS})

    @property
    def tree(self) -> Path:
        """The worktree."""
        return self.directory / "tree"

    @property
    def checks(self) -> CheckActivities:
        """What the host's worker offers."""
        return CheckActivities(self.operator)

    @property
    def workspace(self) -> Workspace:
        """The workspace as workflows know it."""
        return Workspace("loop-1", Source(), "aidp-host-1", str(self.directory), "aidp/1", "main", "0" * 40, "0" * 40)

    def write(self, files: Mapping[str, str]) -> None:
        """Put files into the tree."""
        for name, text in files.items():
            path = self.tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def request(self, *commands: CheckCommand) -> ChecksRequest:
        """Ask for these commands in the third iteration."""
        return ChecksRequest(self.workspace, 3, commands)

    async def test(self, command: str, timeout_seconds: int = 60) -> CheckResult:
        """Run one command as the check named "tests"."""
        check = CheckCommand("tests", command, Category.TEST, timeout_seconds=timeout_seconds)
        (result,) = await self.checks.run_tests(self.request(check))
        return result
