"""Real git against the local GitHub: tokens, refs, and what a push leads to."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from local_scene import Scene

from activities.process import Command, Finished, run
from github_app.demo.github import PullDraft
from github_app.demo.github.faults import Fault, Kind, Where
from github_app.demo.github.git import ENV, Git
from github_app.demo.github.seed import FirstCommit, write_repository


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at a shell, with a token."""

    scene: Scene
    home: Path
    token: str

    async def git(self, *arguments: str) -> Finished:
        """Run git; `URL` stands for the repository's address."""
        host = self.scene.github.url.removeprefix("http://")
        user = f"x-access-token:{self.token}@" if self.token else ""
        url = f"http://{user}{host}/acme/calc.git"
        who = {
            f"GIT_{role}_{what}": "ada@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        env = {"PATH": os.environ["PATH"], "HOME": str(self.home), "GIT_TERMINAL_PROMPT": "0"} | who
        argv = ("git", *(url if word == "URL" else word for word in arguments))
        return await run(Command(argv, self.home, env, merge_stderr=True))

    async def commit(self, text: str) -> None:
        """Clone if there is no clone yet, and commit a change."""
        if not (self.home / "w").exists():
            assert (await self.git("clone", "--quiet", "URL", "w")).exit_code == 0
        (self.home / "w" / "new.txt").write_text(text)
        await self.git("-C", "w", "add", ".")
        await self.git("-C", "w", "commit", "--quiet", "-m", text)

    async def push(self, refspec: str) -> Finished:
        """Push to the repository, whatever the clone remembers."""
        return await self.git("-C", "w", "push", "URL", refspec)


async def person(scene: Scene, home: Path, **wanted: object) -> Person:
    """Give somebody a token and a place to work."""
    home.mkdir()
    return Person(scene, home, await scene.token(**wanted))


async def test_git_clones_and_pushes_with_a_token(scene: Scene, tmp_path: Path) -> None:
    """What is pushed is what the API then shows, at once."""
    ada = await person(scene, tmp_path / "ada")
    await ada.commit("one")
    assert (await ada.push("HEAD:refs/heads/work")).exit_code == 0
    local = (await ada.git("-C", "w", "rev-parse", "HEAD")).stdout.decode().strip()
    branch = (await scene.request("GET", "/repos/acme/calc/branches/work")).json()
    content = (await scene.request("GET", "/repos/acme/calc/contents/new.txt", params={"ref": "work"})).json()
    assert (branch["commit"]["sha"], content["content"]) == (local, "b25l\n")


async def test_a_partial_clone_leaves_the_blobs_behind(scene: Scene, tmp_path: Path) -> None:
    """`--filter` is served, so that a client can rely on it."""
    ada = await person(scene, tmp_path / "ada")
    cloned = await ada.git("clone", "--filter=blob:none", "--no-checkout", "URL", "w")
    missing = await ada.git("-C", "w", "rev-list", "--objects", "--missing=print", "HEAD")
    assert b"filtering not recognized" not in cloned.stdout
    assert missing.stdout.count(b"\n?") == 2


@pytest.mark.parametrize(
    ("token", "said"), [("", b"terminal prompts disabled"), ("ghs_wrong", b"Authentication failed")]
)
async def test_git_without_a_good_token_is_turned_away(scene: Scene, tmp_path: Path, token: str, said: bytes) -> None:
    """401, which git turns into these words."""
    refused = await Person(scene, tmp_path, token).git("ls-remote", "URL")
    assert refused.exit_code == 128
    assert said in refused.stdout


async def test_a_token_for_reading_does_not_push(scene: Scene, tmp_path: Path) -> None:
    """403, and nothing moved."""
    ada = await person(scene, tmp_path / "ada", permissions={"contents": "read"})
    await ada.commit("one")
    refused = await ada.push("HEAD:refs/heads/work")
    assert b"403" in refused.stdout
    assert await Git(scene.repo.path).resolve("work") is None


async def test_a_token_without_the_repository_does_not_find_it(scene: Scene, tmp_path: Path) -> None:
    """404: it is as if it was not there."""
    other = scene.github.add_repository("acme", "other", files={"a": "a"})
    ada = await person(scene, tmp_path / "ada", repository_ids=[other.id])
    assert b"not found" in (await ada.git("ls-remote", "URL")).stdout


async def test_a_push_is_told_with_its_commits(scene: Scene, tmp_path: Path) -> None:
    """The `push` webhook names the ref, the commits, oldest first, and the pusher."""
    ada = await person(scene, tmp_path / "ada")
    await ada.commit("one")
    await ada.push("HEAD:refs/heads/work")
    await ada.commit("two")
    await ada.commit("three")
    await ada.push("HEAD:refs/heads/work")
    await scene.github.settle()
    told = scene.mailbox.last("push")
    assert [commit["message"] for commit in told["commits"]] == ["two", "three"]
    assert (told["ref"], told["created"], told["forced"]) == ("refs/heads/work", False, False)
    assert (told["after"], told["sender"]["type"]) == (told["head_commit"]["id"], "Bot")


async def test_a_push_moves_the_pull_request_of_its_branch(scene: Scene, tmp_path: Path) -> None:
    """`synchronize` says from where to where; deleting the branch closes it."""
    before = await scene.github.push(scene.repo, "work", {"a.txt": "a"})
    await scene.github.open_pull_request(scene.repo, PullDraft("Work", "work", "main"))
    ada = await person(scene, tmp_path / "ada")
    await ada.commit("one")
    assert (await ada.push("+HEAD:refs/heads/work")).exit_code == 0
    await scene.github.settle()
    told = scene.mailbox.last("pull_request.synchronize")
    assert (told["before"], told["after"]) == (before, told["pull_request"]["head"]["sha"])
    assert scene.mailbox.last("push")["forced"] is True
    await ada.push(":refs/heads/work")
    assert scene.github.issue(scene.repo, 2).state == "closed"


async def test_a_ref_that_is_no_branch_is_kept_quietly(scene: Scene, tmp_path: Path) -> None:
    """`refs/aidp/...` can be pushed and fetched; nobody is told and no CI runs."""
    ada = await person(scene, tmp_path / "ada")
    await ada.commit("one")
    assert (await ada.push("HEAD:refs/aidp/loop/1")).exit_code == 0
    await scene.github.settle()
    assert b"refs/aidp/loop/1" in (await ada.git("ls-remote", "URL")).stdout
    assert "push" not in scene.mailbox.events
    assert not scene.repo.check_runs


names = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1, max_size=8
)
paths = st.lists(names.filter(lambda name: name.lower() not in {".", "..", ".git"}), min_size=1, max_size=3)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.dictionaries(paths.map(lambda parts: f"d{len(parts)}/" + "/".join(parts)), st.binary(max_size=64)))
async def test_git_reads_what_was_written_without_git(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    """A repository made of plain files is one that git finds no fault with."""
    path = tmp_path_factory.mktemp("seed") / "r.git"
    first = FirstCommit({"README": "x", **files}, "main", "ada", datetime.now(UTC))
    sha = write_repository(path, first)
    checked = await run(Command(("git", "fsck", "--full"), path, ENV, merge_stderr=True))
    assert (checked.exit_code, checked.stdout.decode()) == (0, "")
    listed = await run(Command(("git", "ls-tree", "-rz", "--name-only", sha), path, ENV))
    assert sorted(listed.stdout.split(b"\0")[:-1]) == sorted(name.encode() for name in ("README", *files))


async def test_a_token_that_ends_is_told_to_git(scene: Scene, tmp_path: Path) -> None:
    """Git asks without a token first; the fault is for the call that has one, and git does not ask a third time."""
    ada = await person(scene, tmp_path / "ada")
    scene.github.faults.add(Fault(Kind.TOKEN_EXPIRED, Where(path="info/refs$")))
    refused = await ada.git("ls-remote", "URL")
    assert b"Authentication failed" in refused.stdout
    asked = [(call.status, call.actor) for call in scene.github.calls if call.path.endswith("info/refs")]
    assert asked == [(401, ""), (401, "installation")]
    assert (await ada.git("ls-remote", "URL")).exit_code == 0
