"""A few of the quick cases of `make chaos`, on one stage: the harness works, and what it tries here holds."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import crashes
import doors
import pytest
import servers
import storm
import troubles
from chaos_scene import Scene, Trial, scene
from picture import Picture, difference, doubled
from table import BEGIN, END, HEAD, Case, keep, result
from whole_story import SHORT, ask, short, told

from github_app.demo.github.faults import Fault, Kind, When, Where

SEED = 3


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Scene]:
    """Start everything once."""
    async with scene(tmp_path_factory.mktemp("chaos")) as made:
        yield made


@pytest.fixture(scope="module")
async def wanted(stage: Scene) -> Picture:
    """Tell the story of one pull request without trouble."""
    _, seen = await told(stage, SHORT)
    return seen


def good(cases: list[Case]) -> bool:
    """Show what failed, if anything."""
    assert [str(case) for case in cases if case.failed] == []
    return bool(cases)


async def test_webhooks_in_any_order(stage: Scene) -> None:
    """Lost, repeated, late and shuffled webhooks lead to what the same webhooks lead to in order."""
    assert good(await storm.run(stage, [SEED], 2))


async def test_a_door_that_dies(stage: Scene, wanted: Picture) -> None:
    """A webhook whose door dies before it was handed over is not lost."""
    assert good(await stage.judge_all(await doors.walk(stage, replace(doors.LABELLED, steps=range(1, 2)), wanted)))


async def test_a_worker_that_dies(stage: Scene, wanted: Picture) -> None:
    """A commit whose worker dies before it could tell of it is not made again."""
    story = crashes.Wanted(SHORT, wanted, ())
    assert good(await stage.judge_all(await crashes.workers(stage, story, ["commit_checkpoint-between"])))


async def test_a_temporal_that_dies(stage: Scene, wanted: Picture) -> None:
    """An agent that works and ends while Temporal is dead has done its work nevertheless."""
    assert good(await stage.judge_all(await servers.killed(stage, wanted, servers.QUICK)))


async def test_an_answer_that_is_lost(stage: Scene, wanted: Picture) -> None:
    """A pull request that was opened is not opened again because nobody heard of it."""
    shape = troubles.Shape("POST", "/repos/OWNER/calc/pulls")
    kinds = (Kind.CONNECTION_RESET, Kind.BAD_GATEWAY)
    lost = [(shape, Fault(kind, after_commit=True)) for kind in kinds]
    assert good(await troubles.run(stage, wanted, lost, short))


async def test_an_ending_is_told_whatever_became_of_the_news_before(stage: Scene, wanted: Picture) -> None:
    """GitHub refuses the first status comment for good; the last one is there nevertheless."""
    story = short(stage)
    comments = Where("GET", f"{story.repository.full_name}/issues/1/comments$")
    stage.github.faults.add(Fault(Kind.TOKEN_EXPIRED, comments, When(count=2)))
    trial = Trial(Case(troubles.PART, "refused", SEED), story, wanted)
    await ask(story)
    assert good(await stage.judge_all([trial]))


async def test_two_looks_at_once(stage: Scene) -> None:
    """Whoever looks for what was lost while the Schedule does so, too, is not refused."""
    await asyncio.gather(stage.reconcile(), stage.reconcile())


async def test_a_difference_is_seen(stage: Scene, wanted: Picture) -> None:
    """A story without its effects is no clean one, and one with an effect twice is told apart."""
    story = short(stage)
    await story.open("Do nothing.")
    assert "-#1 aidp[bot] says status Done" in difference(wanted, ("#1 open  Make it right",))
    for _ in range(2):
        await stage.github.comment(story.repository, 1, "aidp[bot]", "<!-- aidp:status v1 -->\nDone")
    assert await doubled(story) == ["2 x comment (1, '<!-- aidp:status v1 -->')"]


def test_seeds_are_numbers() -> None:
    """What is none is told before anything starts, in a line."""
    command = (sys.executable, Path(__file__).with_name("chaos.py"), "--seeds", "1,x")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    refused = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode == 2
    assert "argument --seeds: '1,x' is not numbers with commas between them, such as 1,2,3,4,5" in refused.stderr


def test_the_page_keeps_what_other_runs_found(tmp_path: Path) -> None:
    """Each part has the line of its last run, in the order of the parts; what failed names the command for it."""
    front = tmp_path / "front.md"
    front.write_text(f"# Front\n\n{BEGIN}\n{END}\n\nThe rest.\n")
    failed = Case("storm", "3 issues", 7, lost="-#1 open", seconds=1.5)
    random, certain = Case("crash", "random kills", 2), Case("crash", "door killed", 0)
    for found in (result("crash", [random, certain], 3), result("storm", [certain], 1), result("storm", [failed], 1)):
        keep(tmp_path, found, ["storm", "crash"], front)
    page = (tmp_path / "README.md").read_text()
    assert "| storm | 1 | 1 | 0 | 1.5 s | 7 | 1 | 20" in page
    assert page.index("| crash | 2 | 0 | 0 | 0.0 s | 2 | 3 | 20") > page.index("| storm | 1 ")
    assert page.count("| storm | ") == 1
    [shown] = (line for line in page.splitlines() if line.startswith("| storm "))
    assert front.read_text().splitlines()[4:6] == [HEAD.splitlines()[1], shown]
    assert front.read_text().endswith("\n\nThe rest.\n")
    assert "make chaos CHAOS_PART=storm CHAOS_SEEDS=7" in str(failed)
