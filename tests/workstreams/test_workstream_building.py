"""Without GitHub a unit builds on the work of everything it depends on."""

import pytest
from workstream_scene import Stage

from workflows.dag import find_flaw
from workflows.model.workstreams import Unit, UnitCounts


def files(stage: Stage, branch: str) -> list[str]:
    """List what is on a branch."""
    return stage.git("ls-tree", "--name-only", branch).split()


async def test_the_bottom_of_a_diamond_has_the_work_of_both_sides(stage: Stage) -> None:
    """Its branch contains top, left, right and its own file, on top of a merge of the two branches."""
    plan = stage.plan(
        stage.unit("bottom", "left", "right"), stage.unit("left", "top"), stage.unit("right", "top"), stage.unit("top")
    )
    assert (await stage.run(plan)).counts == UnitCounts(done=4)
    assert files(stage, "aidp/bottom") == ["README.md", "bottom.txt", "left.txt", "right.txt", "top.txt"]
    assert stage.git("rev-parse", "aidp/bottom^^@") == stage.git("rev-parse", "aidp/left", "aidp/right")


async def test_a_unit_without_a_change_hides_nothing(stage: Stage) -> None:
    """What depends on one that had nothing to do builds on what that one was to build on."""
    plan = stage.plan(stage.unit("last", "idle"), stage.unit("idle", "first", part="idle"), stage.unit("first"))
    assert (await stage.run(plan)).counts == UnitCounts(done=3)
    assert files(stage, "aidp/last") == ["README.md", "first.txt", "last.txt"]


@pytest.mark.parametrize(
    ("units", "flaw"),
    [
        ((Unit("a", "A", " \n"),), "`a` has no text. Write what its agent is to do."),
        (
            (Unit("a", "A", "do it"), Unit("b", "B", "then", ("a", "a"))),
            "`b` depends on `a` 2 times. Name it once.",
        ),
    ],
)
def test_a_plan_says_what_it_means(stage: Stage, units: tuple[Unit, ...], flaw: str) -> None:
    """A text for each unit, each dependency once; a unit with an issue of its own gets its text from there."""
    assert find_flaw(stage.plan(*units)) == flaw
    assert find_flaw(stage.plan(Unit("a", "A", "", number=7))) == ""
