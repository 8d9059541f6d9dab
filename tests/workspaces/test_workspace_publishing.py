"""What ends up on the branch, and what never does."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError
from workspace_hosts import BRANCH, TIME, Host, commit_all, git, tree

from workflows.model import ChangeStat, Failure, Source, Workspace


async def work(host: Host, workspace: Workspace, content: str = "hi\n") -> None:
    """Do one iteration."""
    (tree(workspace) / "greeting.txt").write_text(content)
    await host.checkpoint(workspace)


async def test_checkpoints_become_one_commit(host: Host, origin: Path) -> None:
    """Whatever the way, and however often it is tried, the branch shows one commit by the bot on top of the base."""
    workspace = await host.open()
    await work(host, workspace, "h\n")
    await work(host, workspace, "hi\nthere\n")
    published = await host.publish(workspace, "Add a greeting\n\nFixes #7.")
    assert await host.publish(workspace, "Add a greeting\n\nFixes #7.") == published
    assert published.change == ChangeStat(files=1, additions=2)
    assert published.files == ("greeting.txt",)
    assert git(origin, "rev-parse", BRANCH) == published.head_sha
    assert git(origin, "log", "--format=%an <%ae> %aI %s%n%b", f"main..{BRANCH}").splitlines() == [
        f"aidp[bot] <aidp@example.com> {TIME[:19]}+00:00 Add a greeting",
        "Fixes #7.",
        "",
        f"Aidp-Run: loop:42#7 {git(origin, 'rev-parse', f'{BRANCH}^{{tree}}')}",
    ]


async def test_publishing_again_from_another_host(make_host: Callable[[str], Host], origin: Path) -> None:
    """A host that pushed and died before it could say so has its commit found by the next one."""
    first, second = make_host("first"), make_host("second")
    workspace = await first.open()
    await work(first, workspace)
    published = await first.publish(workspace)
    resumed = await second.open()
    assert (await second.publish(resumed, "Other words")).head_sha == published.head_sha
    assert git(origin, "rev-list", "--count", f"main..{BRANCH}") == "1"


async def test_more_work_after_publishing_is_one_more_commit(host: Host, origin: Path) -> None:
    """A branch we published grows; it is not rewritten under its readers."""
    workspace = await host.open()
    await work(host, workspace)
    first = await host.publish(workspace)
    await work(host, workspace, "hello\n")
    second = await host.publish(workspace, "Say it better")
    assert git(origin, "rev-parse", f"{BRANCH}^") == first.head_sha
    assert second.change == ChangeStat(files=1, additions=1)


async def test_work_continues_on_a_branch(host: Host, project: Path, origin: Path) -> None:
    """A second loop on an unmerged branch starts from its head and adds to it; the change counts from the base."""
    git(project, "switch", "--quiet", "--create", BRANCH)
    (project / "earlier.txt").write_text("earlier\n")
    head = commit_all(project, "Begin the greeting")
    git(project, "push", "--quiet", "origin", BRANCH)

    workspace = await host.open()
    assert workspace.start_sha == head
    assert workspace.base_sha == git(origin, "rev-parse", "main")
    await work(host, workspace)
    published = await host.publish(workspace)

    assert git(origin, "rev-parse", f"{BRANCH}^") == head
    assert published.files == ("earlier.txt", "greeting.txt")


async def test_a_merged_branch_is_begun_anew(host: Host, project: Path, origin: Path) -> None:
    """A branch whose work is in the default branch already is no place to continue."""
    git(origin, "update-ref", f"refs/heads/{BRANCH}", "main")
    (project / "later.txt").write_text("later\n")
    later = commit_all(project, "Go on")
    git(project, "push", "--quiet", "origin", "main")

    workspace = await host.open()
    assert workspace.start_sha == later
    await work(host, workspace)
    await host.publish(workspace)
    assert git(origin, "rev-parse", f"{BRANCH}^") == later


async def test_an_empty_change_is_not_published(host: Host, origin: Path) -> None:
    """A branch that changes nothing helps nobody."""
    workspace = await host.open()
    await host.checkpoint(workspace)
    with pytest.raises(ApplicationError, match="changed no file") as caught:
        await host.publish(workspace)
    assert caught.value.type == Failure.PERMANENT
    assert git(origin, "branch", "--list", BRANCH) == ""


async def test_a_local_project(host: Host, project: Path) -> None:
    """Without GitHub the branch appears in the person's own repository, whose worktree stays as it was."""
    (project / "README.md").write_text("unsaved thoughts\n")
    local = replace(host, source=Source(project_dir=str(project)))
    workspace = await local.open()
    assert (tree(workspace) / "README.md").read_text() == "hello\n"
    await work(local, workspace)
    published = await local.publish(workspace)
    assert git(project, "rev-parse", BRANCH) == published.head_sha
    await local.activities.close_workspace(workspace)
    assert git(project, "for-each-ref", "refs/aidp/") == ""
    assert (project / "README.md").read_text() == "unsaved thoughts\n"


async def test_a_local_branch_in_use_is_left_alone(host: Host, project: Path) -> None:
    """The branch somebody has checked out is not moved under their feet."""
    git(project, "branch", BRANCH)
    local = replace(host, source=Source(project_dir=str(project)))
    workspace = await local.open()
    await work(local, workspace)
    head = git(project, "rev-parse", BRANCH)
    git(project, "switch", "--quiet", BRANCH)
    with pytest.raises(ApplicationError, match="is checked out in the project") as caught:
        await local.publish(workspace)
    assert caught.value.type == Failure.PERMANENT
    assert git(project, "rev-parse", BRANCH) == head


@pytest.mark.parametrize(
    ("prepare", "words"),
    [("empty", "is empty"), ("detached", "No branch"), ("gone", "not appear to be a git")],
)
async def test_a_project_that_can_not_be_worked_on(host: Host, project: Path, prepare: str, words: str) -> None:
    """People learn what is wrong with their repository, at once."""
    place = project.parent / prepare
    match prepare:
        case "empty":
            git(project.parent, "init", "--quiet", str(place))
        case "detached":
            git(project.parent, "clone", "--quiet", str(project), str(place))
            git(place, "switch", "--quiet", "--detach")
        case _:
            place.mkdir()
    with pytest.raises(ApplicationError, match=words) as caught:
        await replace(host, source=Source(project_dir=str(place))).open()
    assert caught.value.type == Failure.PERMANENT
