"""Work on somebody's branch while that person keeps working on it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError
from workspace_hosts import BRANCH, Host, commit_all, git, tree

from workflows.model import Basis, ChangeStat, Failure, Workspace


def push(project: Path, name: str, text: str, branch: str = BRANCH) -> str:
    """Commit one file to a branch, the way a person does."""
    git(project, "switch", "--quiet", *(() if git(project, "branch", "--list", branch) else ("--create",)), branch)
    (project / name).write_text(text)
    sha = commit_all(project, f"Write {name}")
    git(project, "push", "--quiet", "origin", branch)
    return sha


async def work(host: Host, workspace: Workspace, name: str = "greeting.txt", content: str = "hi\n") -> None:
    """Do one iteration."""
    (tree(workspace) / name).write_text(content)
    await host.checkpoint(workspace)


async def amend(host: Host) -> Workspace:
    """Begin at the head of the branch."""
    return await host.open_for(host.request(Basis.AMEND))


async def test_only_what_is_added_counts(make_host: Callable[[str], Host], project: Path, origin: Path) -> None:
    """The person's own commits are not judged again, also not by the next host after the branch has moved."""
    head = push(project, "theirs.txt", "1\n")
    workspace = await amend(make_host("first"))
    assert (workspace.base_sha, workspace.start_sha, workspace.conflicts) == (head, head, ())
    await work(make_host("first"), workspace)
    push(project, "later.txt", "2\n")

    resumed = await amend(make_host("second"))
    change = await make_host("second").port.stage_changes(resumed)
    published = await make_host("second").publish(resumed)

    assert resumed.base_sha == head
    assert [file.path for file in change.files] == ["greeting.txt"]
    assert (published.change, published.files) == (ChangeStat(files=1, additions=1), ("greeting.txt",))
    assert git(origin, "ls-tree", "--name-only", BRANCH, "later.txt", "greeting.txt") == "greeting.txt\nlater.txt"


async def test_a_push_meanwhile_is_adopted_once(host: Host, project: Path, origin: Path) -> None:
    """Our change comes on top of theirs; a repeated publish finds it, also under what they push after it."""
    push(project, "src/app.py", "one\ntwo\nthree\n4\n5\n6\n")
    workspace = await amend(host)
    await work(host, workspace, "src/app.py", "ONE\ntwo\nthree\n4\n5\n6\n")
    theirs = push(project, "src/app.py", "one\ntwo\nthree\n4\n5\nSIX\n")

    published = await host.publish(workspace)

    assert git(origin, "rev-parse", f"{BRANCH}^") == theirs
    assert git(origin, "show", f"{BRANCH}:src/app.py") == "ONE\ntwo\nthree\n4\n5\nSIX"
    assert await host.publish(workspace, "Other words") == published
    git(project, "pull", "--quiet", "origin", BRANCH)
    latest = push(project, "more.txt", "more\n")
    assert (await host.publish(workspace)).head_sha == latest
    assert await host.activities.close_workspace(workspace) == ""


async def test_more_work_after_an_adoption(host: Host, project: Path, origin: Path) -> None:
    """The same lines may change again: what we published is told apart from what they added."""
    push(project, "a.txt", "a\n")
    workspace = await amend(host)
    await work(host, workspace, content="hi\n")
    push(project, "theirs.txt", "theirs\n")
    await host.publish(workspace)
    await work(host, workspace, content="hello\n")
    await host.publish(workspace, "Say it better")
    assert git(origin, "show", f"{BRANCH}:greeting.txt") == "hello"
    assert git(origin, "show", f"{BRANCH}:theirs.txt") == "theirs"
    assert git(origin, "log", "--format=%s", f"main..{BRANCH}").splitlines() == [
        "Say it better",
        "Add a greeting",
        "Write theirs.txt",
        "Write a.txt",
    ]


@pytest.mark.parametrize("basis", [Basis.BUILD, Basis.AMEND])
async def test_changes_that_do_not_fit_are_told(host: Host, project: Path, origin: Path, basis: Basis) -> None:
    """Nobody is overwritten: the error names the files, and the work is kept."""
    push(project, "src/app.py", "1\n")
    workspace = await host.open_for(host.request(basis))
    await work(host, workspace, "src/app.py", "ours\n")
    theirs = push(project, "src/app.py", "theirs\n")
    with pytest.raises(ApplicationError, match=r"both changed `src/app\.py`") as caught:
        await host.publish(workspace)
    assert (caught.value.type, caught.value.non_retryable) == (Failure.CONFLICT, True)
    assert git(origin, "rev-parse", BRANCH) == theirs
    kept = await host.activities.close_workspace(workspace)
    assert git(origin, "show", f"{kept}:src/app.py") == "ours"


async def test_a_build_adopts_too(host: Host, project: Path, origin: Path) -> None:
    """Somebody may begin the branch before we publish the first time."""
    workspace = await host.open()
    await work(host, workspace)
    theirs = push(project, "mine.txt", "mine\n")
    await host.publish(workspace)
    assert git(origin, "rev-parse", f"{BRANCH}^") == theirs
    assert git(origin, "show", f"{BRANCH}:mine.txt") == "mine"


async def test_a_branch_taken_back_meanwhile(host: Host, project: Path, origin: Path) -> None:
    """Commits that the person removed do not come back with ours."""
    first = push(project, "a.txt", "a\n")
    push(project, "regretted.txt", "oh\n")
    workspace = await amend(host)
    await work(host, workspace)
    git(origin, "update-ref", f"refs/heads/{BRANCH}", first)
    await host.publish(workspace)
    assert git(origin, "rev-parse", f"{BRANCH}^") == first
    assert git(origin, "ls-tree", "--name-only", BRANCH, "regretted.txt") == ""


async def test_a_branch_that_is_gone(host: Host, project: Path, origin: Path) -> None:
    """What is to be amended must be there, at the beginning and in the end."""
    with pytest.raises(ApplicationError, match="There is no branch") as caught:
        await amend(host)
    assert caught.value.type == Failure.PERMANENT
    push(project, "a.txt", "a\n")
    workspace = await amend(host)
    with pytest.raises(ApplicationError, match="changed no file"):
        await host.publish(workspace)
    await work(host, workspace)
    git(origin, "update-ref", "-d", f"refs/heads/{BRANCH}")
    with pytest.raises(ApplicationError, match="is gone") as caught:
        await host.publish(workspace)
    assert caught.value.type == Failure.PERMANENT


async def test_a_commit_to_begin_at(host: Host, project: Path, origin: Path) -> None:
    """A work can be tied to the commit somebody looked at; one that is not there any more is refused."""
    looked_at = git(origin, "rev-parse", "main")
    elsewhere = push(project, "a.txt", "a\n")
    git(project, "switch", "--quiet", "main")
    push(project, "later.txt", "later\n", "main")
    pinned = replace(host.request(), branch="aidp/new", start_sha=looked_at)
    workspace = await host.open_for(pinned)
    assert (workspace.base_sha, workspace.start_sha) == (looked_at, looked_at)
    for sha in (elsewhere, "0" * 40, "--all", "main"):
        with pytest.raises(ApplicationError, match="is not on `main`") as caught:
            await host.open_for(replace(pinned, start_sha=sha))
        assert caught.value.type == Failure.PERMANENT


async def test_looking_at_a_pull_request(host: Host, project: Path, origin: Path) -> None:
    """A pull request, also from a fork, is compared with its base from where it left that; nothing is ever pushed."""
    fork = git(origin, "rev-parse", "main")
    git(project, "branch", "release")
    git(project, "push", "--quiet", "origin", "release")
    head = push(project, "a.txt", "a\n", "from-a-fork")
    git(origin, "update-ref", "refs/pull/5/head", head)
    git(origin, "update-ref", "-d", "refs/heads/from-a-fork")
    push(project, "later.txt", "later\n", "release")
    before = git(origin, "for-each-ref")
    reading = replace(host.request(Basis.READ), branch="", start_branch="release", pull=5)

    workspace = await host.open_for(reading)
    assert (workspace.base_branch, workspace.base_sha, workspace.start_sha) == ("release", fork, head)
    await work(host, workspace)
    with pytest.raises(ApplicationError, match="only reads"):
        await host.publish(workspace)
    assert await host.activities.close_workspace(workspace) == ""

    assert git(origin, "for-each-ref") == before
    assert not tree(workspace).exists()
    with pytest.raises(ApplicationError, match="#6 was not found"):
        await host.open_for(replace(reading, pull=6))


async def test_reading_the_default_branch(host: Host, origin: Path) -> None:
    """Without a branch and a pull request there is the default branch to look at."""
    workspace = await host.open_for(replace(host.request(Basis.READ), branch=""))
    assert workspace.start_sha == git(origin, "rev-parse", "main")
    (tree(workspace) / "README.md").write_text("scribbled\n")
    await host.reset(workspace)
    assert (tree(workspace) / "README.md").read_text() == "hello\n"
