"""A large issue is cut into parts, each with an issue and a pull request of its own, and built in their order."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from inline_snapshot import snapshot
from project_kit import FILES, begun, cut, part, without_relations, write
from story_kit import PERSON, Story, shown, until

from workflows.ports import MAIN_QUEUE
from workflows.reconcile import ReconcileRepositoryWorkflow


async def test_parts_are_built_in_their_order(begin: Callable[..., Story]) -> None:
    """One part is stacked on the one it needs, one needs nothing, and one waits until two others are merged."""
    story = begin(FILES)
    project = await begun(story, part("cli", "core"), part("core"), part("docs"), part("release", "cli", "docs"))
    (core, on_core), (cli, on_cli), (_, on_docs) = [await project.proposal(slug) for slug in ("core", "cli", "docs")]
    assert [on_core.base, on_cli.base, on_docs.base] == ["main", on_core.head, "main"]
    assert await story.file(on_cli.head, "cli.txt") == "README.md\ncli.txt\ncore.txt\n"
    issue = project.issue("cli")
    assert issue
    assert cli.body.startswith(f"Fixes #{issue.number}")
    release = project.issue("release")
    assert release
    await until(lambda: "3 of 4" in project.board and "merged" in story.status(project.number))
    assert story.labels(release.number) == ("aidp-blocked",)
    assert "aidp-working" in story.labels(project.number)

    await project.merge("core")
    await story.github.merging(story.repository, PERSON).retarget(cli.number, "main")  # GitHub does, without the branch
    await project.merge("cli")
    await project.merge("docs")
    _, on_release = await project.proposal("release")
    assert on_release.base == "main"
    listed = await story.file(on_release.head, "release.txt")
    assert listed.split() == ["README.md", "cli.txt", "core.txt", "docs.txt", "release.txt"]
    assert "all 4 parts are done" in await story.ending(project.number, "all 4 parts")
    assert story.labels(release.number) == ()
    assert story.github.issue(story.repository, issue.number).state == "closed"
    await until(lambda: "4 of 4" in project.board)
    assert f"#{core.number}" in project.board
    sub_issues = story.repository.sub_issues[project.number]
    assert len(sub_issues) == 4
    needed = [it.id for it in map(project.issue, ("cli", "docs")) if it]
    assert sorted(story.repository.blocked_by[release.number]) == sorted(needed)


async def test_failed_parts_are_run_again(begin: Callable[..., Story]) -> None:
    """What depends on a part that fails is skipped, until somebody has it run again."""
    story = begin({**FILES, "mood.txt": "bad\n"})
    moody = f"grep -q good mood.txt; {write('first')}"
    project = await begun(story, part("first", run=moody), part("second", "first"), part("other"))
    await project.says("failed: `/aidp retry`")
    await until(lambda: "1 of 3" in project.board)
    assert project.proposed("second") is None
    await story.github.push(story.repository, "main", {"mood.txt": "good\n"}, PERSON)
    issue = project.issue("first")
    assert issue
    await project.command(f"/aidp retry #{issue.number}")
    await project.proposal("second")
    await story.ending(project.number, "all 3 parts are done")


async def test_a_pull_request_that_nobody_wants_fails_its_part(begin: Callable[..., Story]) -> None:
    """Closed without being merged, it is told as the reason, and what waits for it is skipped."""
    story = begin(FILES)
    project = await begun(story, part("left"), part("right"), part("both", "left", "right"))
    left, _ = await project.proposal("left")
    await project.proposal("right")
    await story.github.close_issue(story.repository, left.number, PERSON)
    await until(lambda: "was closed without being merged" in project.board)
    await until(lambda: "which did not get done" in project.board)
    await project.command("/aidp cancel")
    await story.ending(project.number, f"{PERSON} cancelled it")
    assert project.proposed("both") is None


async def test_a_part_that_people_close_is_done(begin: Callable[..., Story]) -> None:
    """Its agent is stopped, and nobody waits for it any more."""
    story = begin(FILES)
    project = await begun(story, part("slow", run="sleep 300"), part("quick"), part("last", "slow", "quick"))
    slow = await until(lambda: project.issue("slow"))
    await until(lambda: "aidp-working" in story.labels(slow.number))
    await story.github.close_issue(story.repository, slow.number, PERSON)
    await project.merge("quick")
    await project.proposal("last")
    await story.ending(project.number, "all 3 parts are done")


async def test_people_speak_to_the_parts_through_the_project(begin: Callable[..., Story]) -> None:
    """Status, pause and cancel are for all parts together; what was started is ended."""
    story = begin(FILES)
    project = await begun(story, part("one", run="sleep 300"), part("two", run="sleep 300"), part("three", "one"))
    one, two = [await until(lambda slug=slug: project.issue(slug)) for slug in ("one", "two")]
    await until(lambda: all("aidp-working" in story.labels(it.number) for it in (one, two)))
    await until(lambda: f"building #{one.number} and #{two.number}" in story.status(project.number))
    await project.command("/aidp status")
    await project.says(f"#{one.number} Add the one: running")
    await project.command("/aidp retry")
    await project.says("No part has failed")
    await project.command("/aidp pause")
    await until(lambda: "paused" in story.status(project.number).lower())
    await project.command("/aidp cancel")
    await story.ending(project.number, f"{PERSON} cancelled it")
    assert story.labels(one.number) == ()
    assert story.pull_requests() == []


async def test_without_sub_issues_the_comment_lists_the_parts(begin: Callable[..., Story]) -> None:
    """A GitHub that knows no relations of issues has the same parts, and the table shows them."""
    story = without_relations(begin(FILES))
    project = await begun(story, part("core"), part("cli", "core"))
    await story.ending(project.number, "all 2 parts are done")
    assert shown(project.board) == snapshot("""\
✅ **Project** · 2 of 2 parts done

Cut.

| | Part | Issue | Pull request | Waits for |
|---|---|---|---|---|
| ✅ | Add the core | #2 | #4 |  |
| ✅ | Add the cli | #3 | #5 | #2 |\
""")


@pytest.mark.parametrize(
    ("parts", "flaw"),
    [
        ((part("hen", "egg"), part("egg", "hen")), "hen -> egg -> hen"),
        ([part(f"part-{number}") for number in range(21)], "these are 21 parts and at most 20 are"),
    ],
)
async def test_what_cannot_be_built_part_by_part_is_refused(
    begin: Callable[..., Story], parts: Sequence[dict[str, object]], flaw: str
) -> None:
    """A circle is named, too many are counted, and nothing is opened."""
    story = begin(FILES)
    number = await story.open(cut(*parts), "Do a lot")
    await story.say(number, "/aidp project")
    assert flaw in (await story.ending(number, "Gave up")).replace("&gt;", ">")
    assert len(story.repository.issues) == 1


async def test_a_part_that_is_built_is_not_taken_for_abandoned(begin: Callable[..., Story], tmp_path: Path) -> None:
    """Reconciliation finds the working label on a part's issue, and that a project stands behind it."""
    story, cue = begin(FILES), tmp_path / "cue"
    project = await begun(story, part("slow", run=f"while ! test -e {cue}; do sleep 0.1; done; {write('slow')}"))
    issue = await until(lambda: project.issue("slow"))
    await until(lambda: "aidp-working" in story.labels(issue.number))
    name = story.repository.full_name
    found = await story.temporal.execute_workflow(
        ReconcileRepositoryWorkflow.run, name, id=f"look:{name}", task_queue=MAIN_QUEUE
    )
    assert found.findings == ()
    cue.touch()
    await project.proposal("slow")
    assert story.status(issue.number) == ""
