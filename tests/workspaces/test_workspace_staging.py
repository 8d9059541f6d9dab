"""What would be committed, told to the guards: nothing an agent does to files, names or git hides a change."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.exceptions import ApplicationError
from workspace_hosts import TIME, Host, commit_all, git, mirror_of, tree

from activities.workspaces.git import Git
from activities.workspaces.staging import SEARCHED_BYTES, escapes, staged_change
from workflows.guards import inspect
from workflows.model import ChangedFile, CheckpointRequest, Failure, FileKind, Guards, StagedChange, Workspace

TOKEN = "ghp_" + "a1B2c3D4e5F6" * 3


NOTHING = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"  # the tree without files
EMPTY = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"  # the file without content


async def content_of(workspace: Workspace, entry: str) -> tuple[str, Git]:
    """Write a tree with one entry into the mirror."""
    mirror = Git(mirror_of(workspace), {"PATH": os.defpath})
    await mirror.output("hash-object", "-w", "--stdin")
    await mirror.output("mktree")
    return await mirror.line("mktree", "--missing", stdin=f"{entry}\n".encode()), mirror


async def staged(host: Host, workspace: Workspace) -> dict[str, ChangedFile]:
    """Stage, and look things up by path."""
    change = await host.port.stage_changes(workspace)
    assert change.total_files == len(change.files)
    return {file.path: file for file in change.files}


async def test_what_is_staged_is_what_would_be_committed(host: Host) -> None:
    """New, changed, deleted, replaced and merely executable files are told as what they are."""
    workspace = await host.open()
    work = tree(workspace)
    (work / "new.txt").write_text("1\n2\n")
    (work / "image.bin").write_bytes(bytes(range(256)))
    (work / "README.md").chmod(0o755)
    (work / "ignored.log").write_text("x\n")
    (work / "src" / "app.py").unlink()
    (work / "src").rmdir()
    (work / "src").symlink_to("/etc")
    (work / "inside").symlink_to("new.txt")

    change = await host.port.stage_changes(workspace)

    assert set(change.files) == {
        ChangedFile("README.md", bytes=6),
        ChangedFile("image.bin", bytes=256),
        ChangedFile("inside", additions=1, kind=FileKind.SYMLINK, bytes=7),
        ChangedFile("new.txt", additions=2, bytes=4),
        ChangedFile("src", additions=1, kind=FileKind.SYMLINK, bytes=4, escapes=True),
        ChangedFile("src/app.py", deletions=3, deleted=True),
    }
    assert [each.path for each in inspect(Guards(), change).violations] == ["src"]
    assert await host.port.stage_changes(workspace) == change


async def test_attributes_hide_nothing(host: Host) -> None:
    """Files that an agent declares to be binary or generated still have lines and secrets."""
    workspace = await host.open()
    work = tree(workspace)
    (work / ".gitattributes").write_text("* -diff binary linguist-generated\n")
    (work / "a.py").write_text("x\n" * 3000)
    (work / "b.py").write_bytes(b"\0\n" + TOKEN.encode())
    files = await staged(host, workspace)
    assert files["a.py"].additions == 3000
    assert files["b.py"].secrets == ("GitHub token, line 2",)


async def test_odd_names_survive_or_are_reported(host: Host) -> None:
    """Quotes and accents are names like others; what cannot be read or shown is refused and can be taken out."""
    workspace = await host.open()
    work = tree(workspace)
    for name in (b"gr\xc3\xbc\xc3\x9fe 'n\" more.txt", b"new\nline", b"latin-\xe9", b"latin-\xe8", b"-rf", b":x"):
        (work / os.fsdecode(name)).write_text("x\n")

    change = await host.port.stage_changes(workspace)
    verdict = inspect(Guards(), change)

    assert change.total_files == 6
    assert {file.path for file in change.files} - set(verdict.paths) == {"grüße 'n\" more.txt", "-rf", ":x"}
    await host.take_out(workspace, *verdict.paths)
    assert set(await staged(host, workspace)) == {"grüße 'n\" more.txt", "-rf", ":x"}


async def test_secrets_are_told_by_kind_and_line(host: Host, project: Path) -> None:
    """Secrets are found in whichever file their parts are, only where they are new, and never repeated."""
    (project / "old.env").write_text(f"A=1\nTOKEN={TOKEN}\n")
    commit_all(project, "Leak a token")
    git(project, "push", "--quiet", "origin", "main")
    workspace = await host.open()
    work = tree(workspace)
    secret = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYzQ1vN8hTgk"
    (work / "id.txt").write_text("AKIA" + "Q3EGRK2JWB7CMN5D\n")
    (work / "other.txt").write_text(f"\nAWS_SECRET_ACCESS_KEY={secret}\n")
    (work / "old.env").write_text(f"\nA=1\nTOKEN={TOKEN}\nOTHER={TOKEN[::-1].replace('_phg', '')}ghp_{TOKEN[8:]}1234\n")
    (work / "link").symlink_to(f"https:/{TOKEN}@github.com")

    change = await host.port.stage_changes(workspace)

    assert {file.path: file.secrets for file in change.files} == {
        "id.txt": ("AWS key id, line 1",),
        "link": ("GitHub token, line 1",),
        "old.env": ("GitHub token, line 4",),
        "other.txt": ("AWS secret key, line 2",),
    }
    assert TOKEN not in repr(change)
    assert secret not in repr(change)


async def test_what_is_too_large_to_be_searched_does_not_pass(host: Host) -> None:
    """A file larger than the search does not pass for clean, and does not keep others from being searched."""
    workspace = await host.open()
    with (tree(workspace) / "huge.bin").open("wb") as file:
        file.truncate(SEARCHED_BYTES + 1)
    (tree(workspace) / "small.txt").write_text(TOKEN)
    files = await staged(host, workspace)
    assert files["huge.bin"].secrets == ("too large to be searched",)
    assert files["small.txt"].secrets == ("GitHub token, line 1",)


async def test_five_thousand_files_are_too_many_to_look_at(host: Host) -> None:
    """A flood is counted, bounded and refused as a whole."""
    workspace = await host.open()
    folder = tree(workspace) / "vendor"
    folder.mkdir()
    for number in range(5_000):
        (folder / f"{number}.js").touch()
    change = await host.port.stage_changes(workspace)
    assert (len(change.files), change.total_files) == (2_000, 5_000)
    assert inspect(Guards(), change).too_large


async def test_names_made_to_burst_a_history(host: Host) -> None:
    """Few files with endless names are as much of a flood as many with short ones."""
    workspace = await host.open()
    folder = tree(workspace)
    for _ in range(14):
        folder /= "\x01" * 250
    folder.mkdir(parents=True)
    for number in range(50):
        (folder / str(number)).touch()
    change = await host.port.stage_changes(workspace)
    assert (len(change.files), change.total_files) == (33, 50)
    assert inspect(Guards(), change).too_large


async def test_submodules_and_owners_are_noticed(host: Host, project: Path, origin: Path) -> None:
    """A submodule can not be added, moved or swapped for a file unseen, and CODEOWNERS not be deleted."""
    git(project, "-c", "protocol.file.allow=always", "submodule", "add", "--quiet", str(origin), "sub")
    (project / "CODEOWNERS").write_text("* @ada\n")
    commit_all(project, "Add a submodule and owners")
    git(project, "push", "--quiet", "origin", "main")
    workspace = await host.open()
    work = tree(workspace)
    (work / "CODEOWNERS").unlink()
    (work / "sub").rmdir()
    (work / "sub").write_text("not a submodule any more\n")
    (work / ".gitmodules").write_text(f'[submodule "sub"]\n\tpath = sub\n\turl = {origin}/evil\n')

    files = await staged(host, workspace)

    assert set(files) == {"CODEOWNERS", ".gitmodules"}  # what lies in a submodule's place is left where it is
    assert files["CODEOWNERS"].deleted
    assert set(inspect(Guards(), StagedChange("0" * 40, tuple(files.values()), 2)).paths) == set(files)


async def test_a_submodule_in_the_staged_content_is_told(host: Host) -> None:
    """Whatever way a link to another repository got into the content, added, changed or gone, it is called one."""
    workspace = await host.open()
    plain, _ = await content_of(workspace, f"100644 blob {EMPTY}\tx")
    linked, mirror = await content_of(workspace, f"160000 commit {'1' * 40}\tx")
    moved, _ = await content_of(workspace, f"160000 commit {'2' * 40}\tx")
    for before, after in ((plain, linked), (linked, moved), (linked, plain), (linked, NOTHING)):
        [file] = (await staged_change(mirror, before, after)).files
        assert (file.path, file.kind, file.deleted) == ("x", FileKind.SUBMODULE, after == NOTHING)
        assert inspect(Guards(), StagedChange(after, (file,), 1)).paths == ("x",)


async def test_only_what_the_guards_saw_is_committed(host: Host, origin: Path) -> None:
    """A process that the agent left behind may write, but not into a commit."""
    workspace = await host.open()
    (tree(workspace) / "a.txt").write_text("a\n")
    change = await host.port.stage_changes(workspace)
    request = CheckpointRequest(workspace, 1, TIME, tree=change.tree)
    (tree(workspace) / "late.txt").write_text("late\n")
    with pytest.raises(ApplicationError, match="after the guards had looked") as caught:
        await host.port.commit_checkpoint(request)
    assert (caught.value.type, caught.value.non_retryable) == (Failure.SECURITY_VIOLATION, True)
    assert git(origin, "for-each-ref", "refs/aidp") == ""
    (tree(workspace) / "late.txt").unlink()
    checkpoint = await host.port.commit_checkpoint(request)
    assert checkpoint.tree == change.tree
    assert await host.port.commit_checkpoint(request) == checkpoint


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("link", "/etc/passwd"),
        ("link", ".."),
        ("a/link", "../../x"),
        ("a/link", "./../../x"),
        ("link", "here/../../x"),
        ("link", "here/here/../.."),
        ("link", ".git/config"),
        ("a/link", "../.GIT/hooks"),
        ("link", "C:\\Windows"),
        ("a/link", "..\\..\\x"),
        ("link", "\\\\host\\share"),
    ],
)
def test_links_that_lead_out(path: str, target: str) -> None:
    """Absolute, climbing, climbing behind another link, into git's own files, or only so on Windows."""
    assert escapes(path, target)


@pytest.mark.parametrize(
    ("path", "target"), [("link", "a"), ("a/link", "../b/c"), ("a/b/link", "../.."), ("link", "./..a/.gitignore")]
)
def test_links_that_stay_inside(path: str, target: str) -> None:
    """Ordinary relative links are fine."""
    assert not escapes(path, target)


STEPS = st.lists(st.sampled_from(["..", ".", "a", "b", "l"]), min_size=1, max_size=6).map("/".join)
FOLDERS = st.lists(st.sampled_from(["a", "b"]), max_size=2)


@given(FOLDERS, STEPS, st.booleans())
def test_what_stays_inside_really_does(folders: list[str], target: str, other: bool) -> None:  # noqa: FBT001
    """A link that passes ends within the repository, even when `l` on its way is another link that passed."""
    path = "/".join([*folders, "l"])
    if escapes(path, target):
        return
    place = list(folders)
    for step in target.split("/"):
        match step:
            case "..":
                assert place
                place.pop()
            case "l" if other:
                place = []  # the worst link that passes leads to the root
            case ".":
                pass
            case name:
                place.append(name)
