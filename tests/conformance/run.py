"""`make conformance`: both sides of our GitHub against GitHub's own description, in one table.

What the App sends, what the local GitHub answers and the webhooks it delivers are recorded while the stories run, then
judged. `RECORDED=FOLDER` judges a recording that is there already.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import description
import packages
from excuses import idle, inexcusable
from judging import Verdict, judge, judge_graphql, recorded
from privileges import too_wide, unheard, unused
from report import show
from rich.console import Console

from github_app.demo.github.recording import FOLDER
from github_app.manifest import manifest

TESTS = Path(__file__).parents[1]
ON_A_GITHUB = "LocalGitHub"


def main() -> int:
    """Set up, run, judge, tell."""
    screen = Console(highlight=False)
    try:
        prepare(screen)
    except packages.PackagesError as error:
        screen.print(str(error))
        return 1
    if given := os.environ.get("RECORDED"):
        return tell(Path(given), screen)
    with tempfile.TemporaryDirectory(prefix="aidp-conformance-") as directory:
        failed = run_stories(Path(directory), screen)
        return tell(Path(directory), screen) or failed


def prepare(screen: Console) -> None:
    """Have GitHub's description at hand."""
    if missing := packages.missing():
        screen.print(f"Installing {', '.join(missing)} in {packages.folder()} ...")
        packages.install()


def run_stories(directory: Path, screen: Console) -> int:
    """Run every folder of tests that works with a GitHub, and ours; returns 1 if a test failed."""
    folders = [Path(__file__).parent, *on_a_github()]
    screen.print(f"Recording what passes between aidp and GitHub in {', '.join(it.name for it in folders)} ...")
    command = [sys.executable, "-m", "pytest", *map(str, folders)]
    finished = subprocess.run(command, env={**os.environ, FOLDER: str(directory)}, cwd=TESTS.parent, check=False)
    if finished.returncode:
        screen.print("Not all tests passed; what was recorded is judged all the same.")
    return int(finished.returncode != 0)


def on_a_github() -> list[Path]:
    """Find the folders of tests that work with a local GitHub."""
    mentions = (it for it in TESTS.glob("*/*.py") if ON_A_GITHUB in it.read_text())
    return sorted({it.parent for it in mentions} - {Path(__file__).parent})


def tell(directory: Path, screen: Console) -> int:
    """Judge a recording; returns 1 if anything is wrong."""
    entries = list(recorded(directory))
    if not entries:
        screen.print(f"Nothing was recorded in {directory}. See above how the tests went.")
        return 1
    found = packages.find(packages.DESCRIPTION)
    assert found
    verdict = judge(description.read(found), entries)
    judge_graphql(verdict, entries, packages.graphql_problems)
    verdict.violations += [*too_wide(entries), *unused(entries, manifest().permissions)]
    verdict.violations += unheard(entries, manifest().events)
    return report(verdict, screen)


def report(verdict: Verdict, screen: Console) -> int:
    """Print it."""
    left, needless = inexcusable(verdict.violations), idle(verdict.violations)
    show(verdict, left, screen)
    for excuse in needless:
        screen.print(f"Nothing needs this excuse any more, remove it: {excuse.operation} {excuse.path}")
    return int(bool(left or needless))


if __name__ == "__main__":
    sys.exit(main())
