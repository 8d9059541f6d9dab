"""Guards steered by people: each change guards what was meant, or is refused; nothing else changes."""

import pytest
from jobs_scene import Stage

from github_app.jobs import InputError
from workflows.commands.arguments import guards
from workflows.commands.command import Refused
from workflows.globs import as_meant, can_match, first_match
from workflows.loop_controls import GuardUpdate
from workflows.model import Guards

NOWHERE = ["/secrets/**", "./secrets/**", "../secrets", "secrets//key", "secrets/", "a/./b", "", "x" * 201, "a\nb"]


@pytest.mark.parametrize("glob", NOWHERE)
def test_what_no_path_matches_is_no_glob(glob: str) -> None:
    """Paths begin at the repository's root and are written without detours."""
    assert not can_match(glob)


def test_a_name_is_a_file_or_a_folder() -> None:
    """`secrets` guards the file of that name, or all that is in the folder; what has a wild card is as it stands."""
    for path in ("secrets", "secrets/key", "secrets/deep/key"):
        assert first_match(as_meant("secrets"), path)
    assert not first_match(as_meant("secrets"), "secretary")
    assert [as_meant(glob) for glob in ("*.sql", "src/**", "a?")] == [("*.sql",), ("src/**",), ("a?",)]


def test_a_comment_guards_what_it_names() -> None:
    """`/aidp guard` refuses what could never match, and takes a folder's name for the folder."""
    assert guards("exclude secrets", Guards()).exclude == ("secrets", "secrets/**")
    for glob in ("/secrets/**", "./secrets/**", "secrets/../x"):
        with pytest.raises(Refused, match=r"is no path in the repository.*exclude docs/\*\*"):
            guards(f"exclude {glob}", Guards())


async def test_a_guard_that_guards_nothing_is_refused(stage: Stage) -> None:
    """In Python and on the command line, and an empty change is none."""
    job_id = await stage.start()
    await stage.until_working()
    with pytest.raises(InputError, match="`/secrets/\\*\\*` is no path in the repository"):
        await stage.client.guard(job_id, GuardUpdate(Guards(exclude=("/secrets/**",))))
    rooted, nothing = await stage.say("guard", job_id, "--exclude", "./secrets/**"), await stage.say("guard", job_id)
    assert (rooted.code, nothing.code) == (2, 2)
    assert rooted.err.endswith("so it guards nothing. Write it like `src/**`.\n")
    assert "Name a change" in nothing.err
    assert await stage.client.guards(job_id) == Guards()
    await stage.client.cancel(job_id)
    await stage.client.wait(job_id)


async def test_replacing_one_guard_leaves_the_others(stage: Stage) -> None:
    """`--replace` sets what is named and nothing else; an empty glob stands for none."""
    job_id = await stage.start()
    await stage.until_working()
    assert (await stage.say("guard", job_id, "--exclude", "secrets", "--confirm", "*.sql")).code == 0
    await stage.say("guard", job_id, "--replace", "--confirm", "db/**")
    assert await stage.client.guards(job_id) == Guards(exclude=("secrets", "secrets/**"), confirm=("db/**",))
    await stage.say("guard", job_id, "--replace", "--exclude", "")
    assert await stage.client.guards(job_id) == Guards(confirm=("db/**",))
    await stage.client.cancel(job_id)
    await stage.client.wait(job_id)
