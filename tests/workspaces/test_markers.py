"""Conflict markers: told when they are somebody's, and not when somebody only writes about them."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.exceptions import ApplicationError
from test_workspace_amending import push
from workspace_hosts import BRANCH, Host, git, tree

from activities.workspaces.markers import conflicts, has_ours
from workflows.model import Basis, ChangedFile, Failure

CONFLICT = "<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> main\n"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> main\n", [b"<<<<<<< HEAD"]),
        (b"<<<<<<< a\r\n=======\r\n>>>>>>> b\r\n<<<<<<< c\r\n=======\r\n>>>>>>> d", [b"<<<<<<< a", b"<<<<<<< c"]),
        (b"Title\n=======\n", []),
        (b">>>>>>> a\n=======\n<<<<<<< b\n", []),
        (b"    <<<<<<< a\n    =======\n    >>>>>>> b\n", []),
        (b"<<<<<<<a\n=======\n>>>>>>>b\n", []),
    ],
)
def test_a_conflict_is_all_three_in_order(content: bytes, found: list[bytes]) -> None:
    """A heading, a quoted example and a half are none."""
    assert conflicts(content) == found


LINES = st.sampled_from([b"<<<<<<< a", b"=======", b">>>>>>> b", b"x", b"||||||| c", b""])


@given(st.lists(LINES, max_size=12))
def test_conflicts_do_not_overlap(lines: list[bytes]) -> None:
    """There are never more conflicts than closing markers, whatever the order."""
    found = conflicts(b"\n".join(lines))
    assert len(found) <= min(lines.count(b"<<<<<<< a"), lines.count(b"======="), lines.count(b">>>>>>> b"))


@pytest.mark.parametrize("marker", [b"<<<<<<<", b">>>>>>>", b"|||||||"])
def test_one_marker_of_ours_is_enough(marker: bytes) -> None:
    """Each of them names a commit, so one that was forgotten is found."""
    assert has_ours(b"a\n" + marker + b" " + b"a1" * 20 + b":src/app.py\nb\n")
    assert not has_ours(b"a\n" + marker + b" main\nb\n")


async def test_markers_that_an_agent_brings(host: Host, project: Path, origin: Path) -> None:
    """New conflicts are told; those that the base had, in a document say, are not."""
    del origin
    push(project, "howto.md", f"Resolve this:\n\n{CONFLICT}", "main")
    workspace = await host.open()
    (tree(workspace) / "howto.md").write_text(f"Better words.\n\n{CONFLICT}")
    (tree(workspace) / "README.md").write_text(CONFLICT)
    files = (await host.port.stage_changes(workspace)).files
    assert {file.path: file.unresolved for file in files} == {"README.md": True, "howto.md": False}


async def test_what_git_left_is_told_until_it_is_resolved(host: Host, project: Path, origin: Path) -> None:
    """Also in files that nobody has touched yet; with one of them left nothing is pushed."""
    for branch, text in ((BRANCH, "ours\n"), ("main", "theirs\n")):
        for name in ("a.txt", "b.txt"):
            push(project, name, f"{text}{CONFLICT}", branch)
        git(project, "switch", "--quiet", "main")
    workspace = await host.open_for(host.request(Basis.MERGE))
    assert workspace.conflicts == ("a.txt", "b.txt")
    change = await host.port.stage_changes(workspace)
    assert change.files == (ChangedFile("a.txt", unresolved=True), ChangedFile("b.txt", unresolved=True))
    assert change.total_files == 2

    (tree(workspace) / "a.txt").write_text(f"both\n{CONFLICT}")
    files = (await host.port.stage_changes(workspace)).files
    assert {file.path: file.unresolved for file in files} == {"a.txt": False, "b.txt": True}
    await host.checkpoint(workspace)
    before = git(origin, "rev-parse", BRANCH)
    with pytest.raises(ApplicationError, match=r"left in `b\.txt`") as caught:
        await host.publish(workspace)
    assert caught.value.type == Failure.CONFLICT
    assert git(origin, "rev-parse", BRANCH) == before

    (tree(workspace) / "b.txt").unlink()
    assert not any(file.unresolved for file in (await host.port.stage_changes(workspace)).files)


async def test_lost_tests_are_told_with_the_change(host: Host, project: Path, origin: Path) -> None:
    """The guards learn which tests go and which are turned off."""
    del origin
    (project / "tests").mkdir()
    push(project, "tests/test_a.py", "def test_one(): pass\ndef test_two(): pass\n", "main")
    push(project, "tests/test_b.py", "def test_three(): pass\n", "main")
    workspace = await host.open_for(replace(host.request(), branch="aidp/other"))
    (tree(workspace) / "tests" / "test_a.py").write_text("@pytest.mark.skip\ndef test_one(): pass\n")
    (tree(workspace) / "tests" / "test_b.py").unlink()
    files = (await host.port.stage_changes(workspace)).files
    assert {file.path: file.weakened for file in files} == {
        "tests/test_a.py": ("test_two", "@pytest.mark.skip"),
        "tests/test_b.py": ("test_three",),
    }
