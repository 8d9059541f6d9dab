"""Bringing a branch up to date: the start branch merged in, or the branch put on top of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError
from test_workspace_amending import push
from workspace_hosts import BRANCH, Host, commit_all, git, tree

from workflows.model import Basis, ChangeStat, Failure, Workspace

OURS = ("-c", "user.name=aidp[bot]", "-c", "user.email=aidp@example.com")
BOTH = pytest.mark.parametrize("basis", [Basis.MERGE, Basis.REBASE])


async def bring_up(host: Host, basis: Basis) -> Workspace:
    """Begin to bring the branch up to date."""
    return await host.open_for(host.request(basis))


def push_ours(project: Path, name: str, text: str) -> str:
    """Commit one file to the branch, the way a loop of ours does."""
    push(project, name, text)
    amended = (
        "commit",
        "--quiet",
        "--amend",
        "--reset-author",
        "--message",
        f"Write {name}\n\nAidp-Run: loop:1 {'a' * 40}",
    )
    git(project, *OURS, *amended)
    git(project, "push", "--quiet", "--force", "origin", BRANCH)
    return git(project, "rev-parse", "HEAD")


def diverge(project: Path, ours: str, theirs: str) -> tuple[str, str]:
    """Let our branch and the default branch change `src/app.py`, each in its own way; return both heads."""
    push_ours(project, "a.txt", "a\n")
    head = push_ours(project, "src/app.py", ours)
    git(project, "switch", "--quiet", "main")
    return head, push(project, "src/app.py", theirs, "main")


@pytest.fixture
def fitting(project: Path, origin: Path) -> tuple[str, str]:
    """Let both change different files."""
    del origin
    head = push_ours(project, "a.txt", "a\n")
    git(project, "switch", "--quiet", "main")
    return head, push(project, "b.txt", "b\n", "main")


@pytest.fixture
def conflicting(project: Path, origin: Path) -> tuple[str, str]:
    """Let both change the same line."""
    del origin
    return diverge(project, "one\nours\nthree\n", "one\ntheirs\nthree\n")


async def test_a_clean_merge_needs_no_agent(host: Host, fitting: tuple[str, str], origin: Path) -> None:
    """Opened and published at once, however often: one merge commit with both parents, and nothing to judge."""
    workspace = await bring_up(host, Basis.MERGE)
    assert workspace.conflicts == ()
    assert (await host.port.stage_changes(workspace)).files == ()
    published = await host.publish(workspace, "Merge main")
    assert await host.publish(workspace, "Merge main once more") == published
    assert git(origin, "rev-parse", f"{BRANCH}^1", f"{BRANCH}^2").split() == list(fitting)
    assert git(origin, "ls-tree", "--name-only", BRANCH, "a.txt", "b.txt") == "a.txt\nb.txt"
    assert await host.activities.close_workspace(workspace) == ""
    assert git(origin, "for-each-ref", "refs/aidp/") == ""


async def test_a_clean_rebase_keeps_the_commits(host: Host, fitting: tuple[str, str], origin: Path) -> None:
    """Each commit keeps its words and its time; only the parents are new."""
    told = ("log", "--format=%an <%ae> %at %B", f"main..{BRANCH}")
    before = git(origin, *told)
    workspace = await bring_up(host, Basis.REBASE)
    assert workspace.conflicts == ()
    published = await host.publish(workspace)
    assert await host.publish(workspace, "Other words") == published
    assert git(origin, *told) == before
    assert git(origin, "rev-parse", f"{BRANCH}^") == fitting[1]
    assert git(origin, "log", "-1", "--format=%cn", BRANCH) == "aidp[bot]"


async def test_an_agent_resolves_a_merge(
    make_host: Callable[[str], Host], conflicting: tuple[str, str], project: Path, origin: Path
) -> None:
    """Conflicts wait in the files, on every host the same; the resolution alone is the change."""
    workspace = await bring_up(make_host("first"), Basis.MERGE)
    assert workspace.conflicts == ("src/app.py",)
    text = (tree(workspace) / "src" / "app.py").read_text()
    assert text == f"one\n<<<<<<< {conflicting[0]}\nours\n=======\ntheirs\n>>>>>>> {conflicting[1]}\nthree\n"
    told = (Path(workspace.directory) / "conflicts.md").read_text()
    assert told == "- CONFLICT (content): Merge conflict in src/app.py\n"
    (tree(workspace) / "src" / "app.py").write_text("one\nboth\nthree\n")
    assert (await make_host("first").checkpoint(workspace)).change == ChangeStat(files=1, additions=1, deletions=5)
    git(project, "switch", "--quiet", "main")
    push(project, "later.txt", "later\n", "main")

    resumed = await bring_up(make_host("second"), Basis.MERGE)

    assert (resumed.base_sha, resumed.conflicts) == (workspace.base_sha, workspace.conflicts)
    published = await make_host("second").publish(resumed)
    assert published.files == ("src/app.py",)
    assert git(origin, "rev-parse", f"{BRANCH}^1", f"{BRANCH}^2").split() == list(conflicting)
    assert git(origin, "show", f"{BRANCH}:src/app.py") == "one\nboth\nthree"


async def test_an_agent_resolves_a_rebase(
    make_host: Callable[[str], Host], conflicting: tuple[str, str], origin: Path
) -> None:
    """What does not fit commit by commit becomes one commit."""
    workspace = await bring_up(make_host("first"), Basis.REBASE)
    assert workspace.conflicts == ("src/app.py",)
    (tree(workspace) / "src" / "app.py").write_text("one\nboth\nthree\n")
    await make_host("first").checkpoint(workspace)
    resumed = await bring_up(make_host("second"), Basis.REBASE)
    published = await make_host("second").publish(resumed, "Greet")
    assert await make_host("second").publish(resumed, "Greet again") == published
    assert git(origin, "rev-parse", f"{BRANCH}^@") == conflicting[1]
    assert git(origin, "diff", "--name-only", "main", BRANCH) == "a.txt\nsrc/app.py"
    assert published.basis is Basis.REBASE


async def test_a_branch_with_somebody_elses_commit_is_merged(
    make_host: Callable[[str], Host], conflicting: tuple[str, str], project: Path, origin: Path
) -> None:
    """Whoever pushed to our branch keeps their commit: nothing is rewritten, also not by a host that comes later."""
    git(project, "switch", "--quiet", BRANCH)
    theirs = push(project, "theirs.txt", "theirs\n")
    workspace = await bring_up(make_host("first"), Basis.REBASE)
    assert (workspace.basis, workspace.conflicts) == (Basis.MERGE, ("src/app.py",))
    (tree(workspace) / "src" / "app.py").write_text("one\nboth\nthree\n")
    await make_host("first").checkpoint(workspace)
    resumed = await bring_up(make_host("second"), Basis.REBASE)
    published = await make_host("second").publish(resumed, "Bring up to date")
    assert (resumed.basis, published.basis) == (Basis.MERGE, Basis.MERGE)
    assert git(origin, "rev-parse", f"{BRANCH}^1", f"{BRANCH}^2").split() == [theirs, conflicting[1]]


@pytest.mark.parametrize("how", ["author", "committer", "no trailer"])
async def test_a_commit_is_ours_only_in_every_respect(host: Host, project: Path, origin: Path, how: str) -> None:
    """Somebody else's change of our commit is theirs, whatever they left of its words."""
    del origin
    push_ours(project, "a.txt", "a\n")
    changes = {
        "author": (*OURS, "commit", "--amend", "--no-edit", "--author=Ada <ada@example.com>"),
        "committer": ("commit", "--amend", "--no-edit"),
        "no trailer": (*OURS, "commit", "--amend", "--message=Write a.txt"),
    }
    git(project, *changes[how])
    git(project, "push", "--quiet", "--force", "origin", BRANCH)
    git(project, "switch", "--quiet", "main")
    push(project, "b.txt", "b\n", "main")
    assert (await bring_up(host, Basis.REBASE)).basis is Basis.MERGE


@BOTH
async def test_more_work_after_it_was_published(
    host: Host, fitting: tuple[str, str], origin: Path, basis: Basis
) -> None:
    """A loop that goes on after a clean merge or rebase adds to what it published, with every further publish."""
    workspace = await bring_up(host, basis)
    await host.publish(workspace)
    for words in ("hi\n", "hello\n"):
        (tree(workspace) / "greeting.txt").write_text(words)
        await host.checkpoint(workspace)
        published = await host.publish(workspace, words)
        assert await host.publish(workspace, words) == published
    assert git(origin, "show", f"{BRANCH}:greeting.txt") == "hello"
    assert git(origin, "log", "--first-parent", "--format=%s", f"{fitting[1]}..{BRANCH}").splitlines()[:2] == [
        "hello",
        "hi",
    ]


@BOTH
async def test_a_branch_that_is_up_to_date_stays_as_it_is(
    host: Host, project: Path, origin: Path, basis: Basis
) -> None:
    """Nothing to bring in, nothing to push, no error."""
    head = push(project, "a.txt", "a\n")
    workspace = await bring_up(host, basis)
    published = await host.publish(workspace)
    assert (workspace.base_sha, published.head_sha, published.change) == (head, head, ChangeStat())
    assert git(origin, "rev-parse", BRANCH) == head


async def test_a_push_during_a_merge_is_adopted(
    host: Host, fitting: tuple[str, str], project: Path, origin: Path
) -> None:
    """Merging goes on top of what came meanwhile."""
    workspace = await bring_up(host, Basis.MERGE)
    later = push(project, "later.txt", "later\n")
    published = await host.publish(workspace)
    assert git(origin, "rev-parse", f"{BRANCH}^1", f"{BRANCH}^2").split() == [later, fitting[1]]
    assert await host.publish(workspace) == published
    git(project, "pull", "--quiet", "origin", BRANCH)
    latest = push(project, "latest.txt", "latest\n")
    assert (await host.publish(workspace)).head_sha == latest


@BOTH
async def test_what_a_rebase_or_merge_can_not_save(
    host: Host, conflicting: tuple[str, str], project: Path, origin: Path, basis: Basis
) -> None:
    """A push meanwhile that does not fit, or would be replaced, stops the publish; nothing of it is lost."""
    del conflicting
    workspace = await bring_up(host, basis)
    (tree(workspace) / "src" / "app.py").write_text("one\nboth\nthree\n")
    await host.checkpoint(workspace)
    theirs = push(project, "src/app.py", "one\nsomething else\nthree\n")
    with pytest.raises(ApplicationError, match="Somebody else pushed") as caught:
        await host.publish(workspace)
    assert caught.value.type == Failure.CONFLICT
    assert git(origin, "rev-parse", BRANCH) == theirs


async def test_conflicts_that_no_marker_shows(host: Host, project: Path, origin: Path) -> None:
    """A file deleted here and changed there, and one that is no text, are listed and explained."""
    del origin
    (project / "image.bin").write_bytes(bytes(256))
    commit_all(project, "Draw")
    git(project, "push", "--quiet", "origin", "main")
    git(project, "switch", "--quiet", "--create", BRANCH)
    (project / "README.md").unlink()
    (project / "image.bin").write_bytes(bytes(range(256)))
    push(project, "a.txt", "a\n")
    git(project, "switch", "--quiet", "main")
    (project / "image.bin").write_bytes(bytes(255))
    push(project, "README.md", "hello all\n", "main")
    workspace = await bring_up(host, Basis.MERGE)
    assert sorted(workspace.conflicts) == ["README.md", "image.bin"]
    told = (Path(workspace.directory) / "conflicts.md").read_text()
    assert "(modify/delete)" in told
    assert "(binary)" in told or "Merge conflict in image.bin" in told


async def test_a_branch_with_merges_is_rebased(host: Host, project: Path, origin: Path) -> None:
    """Commits behind a merge move without it, as long as they say all; what the merge decided is not lost."""
    push_ours(project, "src/app.py", "one\nours\nthree\n")
    git(project, "switch", "--quiet", "main")
    push(project, "src/app.py", "one\ntheirs\nthree\n", "main")
    git(project, "switch", "--quiet", BRANCH)
    message = f"--message=Merge main\n\nAidp-Run: loop:1 {'a' * 40}"
    git(project, *OURS, "merge", "--quiet", "--strategy-option=ours", message, "main")
    git(project, "push", "--quiet", "origin", BRANCH)
    git(project, "switch", "--quiet", "main")
    onto = push(project, "later.txt", "later\n", "main")
    workspace = await bring_up(host, Basis.REBASE)
    assert workspace.conflicts == ()
    await host.publish(workspace, "Greet")
    assert git(origin, "log", "--format=%s", f"main..{BRANCH}") == "Greet"
    assert git(origin, "rev-parse", f"{BRANCH}^") == onto
    assert git(origin, "show", f"{BRANCH}:src/app.py") == "one\nours\nthree"


async def test_a_branch_whose_work_is_all_there(host: Host, project: Path, origin: Path) -> None:
    """A rebase that leaves nothing says so."""
    push_ours(project, "a.txt", "a\n")
    git(project, "switch", "--quiet", "main")
    push(project, "later.txt", "later\n", "main")
    push(project, "a.txt", "a\n", "main")
    before = git(origin, "rev-parse", BRANCH)
    with pytest.raises(ApplicationError, match="in the start branch already"):
        await host.publish(await bring_up(host, Basis.REBASE))
    assert git(origin, "rev-parse", BRANCH) == before


async def test_a_commit_that_pretends_to_be_our_note(host: Host, project: Path, origin: Path) -> None:
    """Whatever people write into their commits, a branch is only replaced if it is the one we began with."""
    del origin
    push(project, "a.txt", "a\n")
    git(project, "commit", "--quiet", "--allow-empty", "--message", "aidp: begin\n\nAidp-Head: x\nAidp-Conflict: {")
    git(project, "push", "--quiet", "origin", BRANCH)
    for basis in (Basis.MERGE, Basis.REBASE):
        workspace = await bring_up(host, basis)
        assert (await host.publish(workspace)).head_sha == workspace.start_sha
