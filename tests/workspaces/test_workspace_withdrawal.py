"""Taking changes out: the paths are as at the base again, everything else stays as the agent left it."""

import asyncio
import subprocess
from pathlib import Path
from typing import Never

import pytest
from temporalio.exceptions import ApplicationError
from workspace_hosts import BRANCH, Host, commit_all, git, tree

from workflows.model import Failure, Workspace


async def left(host: Host, workspace: Workspace) -> set[str]:
    """Name the paths that still differ from the base."""
    return {file.path for file in (await host.port.stage_changes(workspace)).files}


async def take_out_again_and_again(host: Host, workspace: Workspace, path: str) -> Never:
    """Take it out until that is refused; on a busy machine a writer may miss the moment."""
    while True:
        await host.take_out(workspace, path)


async def test_paths_go_back_and_the_rest_stays(host: Host) -> None:
    """New files go, changed, deleted and executable ones come back; doing it twice changes nothing."""
    workspace = await host.open()
    work = tree(workspace)
    (work / "README.md").write_text("changed\n")
    (work / ".gitignore").chmod(0o755)
    (work / "src" / "app.py").unlink()
    (work / "deep" / "er").mkdir(parents=True)
    (work / "deep" / "er" / "new.txt").write_text("new\n")
    (work / "keep.txt").write_text("keep\n")
    (work / "ignored.log").write_text("kept as well\n")
    unwanted = ("README.md", ".gitignore", "src/app.py", "deep/er/new.txt", "never/was.txt")

    await host.take_out(workspace, *unwanted)

    assert await left(host, workspace) == {"keep.txt"}
    assert (work / "README.md").read_text() == "hello\n"
    assert (work / "src" / "app.py").read_text() == "one\ntwo\nthree\n"
    assert not (work / "deep").exists()
    assert (work / "ignored.log").exists()
    await host.take_out(workspace, *unwanted)
    assert await left(host, workspace) == {"keep.txt"}


async def test_a_change_that_was_checkpointed_can_still_be_taken_out(host: Host) -> None:
    """The base decides, not the last checkpoint: a rule may have become stricter meanwhile."""
    workspace = await host.open()
    (tree(workspace) / "README.md").write_text("changed\n")
    await host.checkpoint(workspace)
    await host.take_out(workspace, "README.md")
    assert await left(host, workspace) == set()
    assert (await host.checkpoint(workspace, 2)).change.files == 0


@pytest.mark.parametrize("unwanted", [("src",), ("src/app.py",), ("src", "src/app.py")])
async def test_a_link_in_place_of_a_folder_is_never_followed(
    host: Host, tmp_path: Path, unwanted: tuple[str, ...]
) -> None:
    """Whichever end of the swap is taken out, nothing is written or removed where the link leads."""
    workspace = await host.open()
    work, outside = tree(workspace), tmp_path / "outside"
    outside.mkdir()
    (outside / "app.py").write_text("somebody else's\n")
    (work / "src" / "app.py").unlink()
    (work / "src").rmdir()
    (work / "src").symlink_to(outside)

    await host.take_out(workspace, *unwanted)

    assert (outside / "app.py").read_text() == "somebody else's\n"
    assert not (work / "src").is_symlink()
    assert (work / "src" / "app.py").exists() == ("src/app.py" in unwanted)


async def test_a_folder_in_place_of_a_file_goes(host: Host) -> None:
    """The file comes back even if a folder with other files has its name, and a file makes room for the folder."""
    workspace = await host.open()
    work = tree(workspace)
    (work / "README.md").unlink()
    (work / "README.md").mkdir()
    (work / "README.md" / "chapter.md").write_text("1\n")
    (work / "src" / "app.py").unlink()
    (work / "src").rmdir()
    (work / "src").write_text("a file\n")
    await host.take_out(workspace, "README.md", "src/app.py")
    assert await left(host, workspace) == set()
    assert (work / "README.md").read_text() == "hello\n"
    assert git(work, "status", "--porcelain") == ""


async def test_submodules_stay_where_they_are(host: Host, project: Path, origin: Path) -> None:
    """Taking something out does not bring a submodule's content into the change."""
    git(project, "-c", "protocol.file.allow=always", "submodule", "add", "--quiet", str(origin), "sub")
    commit_all(project, "Add a submodule")
    git(project, "push", "--quiet", "origin", "main")
    workspace = await host.open()
    (tree(workspace) / "sub" / "inside.txt").write_text("x\n")
    (tree(workspace) / "README.md").write_text("changed\n")
    (tree(workspace) / "keep.txt").write_text("keep\n")
    await host.take_out(workspace, "README.md")
    assert await left(host, workspace) == {"keep.txt"}
    assert (tree(workspace) / "sub" / "inside.txt").exists()


async def test_a_removed_submodule_comes_back_closed(host: Host, project: Path, origin: Path) -> None:
    """A submodule that is put back is as little looked into as one that was always there."""
    git(project, "-c", "protocol.file.allow=always", "submodule", "add", "--quiet", str(origin), "sub")
    commit_all(project, "Add a submodule")
    git(project, "push", "--quiet", "origin", "main")
    git(project, "rm", "--quiet", "sub")
    commit_all(project, "Remove it on the branch")
    git(project, "push", "--quiet", "origin", f"HEAD:{BRANCH}")
    workspace = await host.open()
    assert await left(host, workspace) == {".gitmodules", "sub"}
    await host.take_out(workspace, ".gitmodules", "sub")
    git(tree(workspace) / "sub", "init", "--quiet")
    git(tree(workspace) / "sub", "commit", "--quiet", "--allow-empty", "--message", "Move it")
    assert await left(host, workspace) == set()


async def test_a_process_that_keeps_writing_is_told(host: Host, tmp_path: Path) -> None:
    """What cannot be taken out is an error, not a silent success."""
    workspace = await host.open()
    work = tree(workspace)
    loop = f"while :; do date +%N > {tmp_path}/next; mv {tmp_path}/next README.md; done"
    with subprocess.Popen(("sh", "-c", loop), cwd=work) as writer:
        try:
            while (work / "README.md").read_text() == "hello\n":
                await asyncio.sleep(0.01)
            with pytest.raises(ApplicationError, match=r"keeps writing|File exists") as caught:
                await take_out_again_and_again(host, workspace, "README.md")
        finally:
            writer.kill()
    assert caught.value.type in {Failure.SECURITY_VIOLATION, Failure.TRANSIENT}  # git itself may trip over the writer
    await host.take_out(workspace, "README.md")
    assert await left(host, workspace) == set()
