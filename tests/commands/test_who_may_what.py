"""Who may give which command: the table, and the same through the door, for people of every role, bots and heirs."""

from collections.abc import Callable

import pytest
from command_scene import LISTED_BOT, ROLES, Place, World
from story_kit import Story, until

from github_app.demo.github import User
from workflows.commands import COMMANDS
from workflows.model import Permission

TABLE = {
    Permission.READ: "help status why history",
    Permission.TRIAGE: "plan pause resume cancel answer",
    Permission.WRITE: (
        "build auto project review fix-ci fix rebase retry approve reject tell provider model guard reload"
    ),
    Permission.ADMIN: "config budget",
}
NEEDS = {verb: needs for needs, verbs in TABLE.items() for verb in verbs.split()}
"""As it is promised; `guard` may be loosened by admins only, which the loop itself decides."""


def test_each_command_needs_what_is_promised() -> None:
    """No command is missing from the table, none is easier to come by."""
    assert {each.verb: each.needs for each in COMMANDS} == NEEDS


def test_each_command_says_what_it_does() -> None:
    """In one sentence, for `/aidp help`."""
    for each in COMMANDS:
        assert each.help.endswith(".")
        assert len(each.help) < 100


@pytest.mark.parametrize("role", ROLES)
async def test_every_command_by_every_role(begin: Callable[[], Story], world: World, role: str) -> None:
    """On a closed issue nothing is started, so what is answered is whether one may."""
    story = begin()
    place = Place(story, await story.open("Please."), world.clients)
    await story.github.close_issue(story.repository, place.number, by="ada")
    verbs = [*NEEDS]
    groups = [verbs[at : at + 5] for at in range(0, len(verbs), 5)]
    for group in groups:
        await place.say("\n".join(f"/aidp {verb}" for verb in group), role)
    await until(lambda: len(place.replies()) == len(groups))
    answers = "\n".join(place.replies())
    refused = {verb for verb in NEEDS if f"`{verb}` takes **{NEEDS[verb].name.lower()}** permission here" in answers}
    assert refused == {verb for verb, needs in NEEDS.items() if Permission[role.upper()] < needs}
    assert story.pull_requests() == []


async def test_a_refusal_is_told_once(place: Place) -> None:
    """However often somebody tries, one reply says what it takes; each try gets its 😕."""
    first = await place.said("/aidp build", "read")
    second = await place.said("/aidp build", "read")
    assert [place.reactions(it) for it in (first, second)] == [["eyes", "confused"]] * 2
    [reply] = place.replies()
    assert "@read `build` takes **write** permission here, and you have read." in reply


async def test_a_bot_is_heard_only_if_it_is_listed(place: Place) -> None:
    """And then it may do what its account may."""
    stranger, listed = User(99, "other[bot]", "Bot"), User(LISTED_BOT, "known[bot]", "Bot")
    for bot in (stranger, listed):
        place.story.github.world.users[bot.login] = bot
        place.story.github.set_permission(place.story.repository, bot, "triage")
    ignored = await place.say("/aidp help", stranger)
    answer = await place.answer("/aidp help", listed)
    assert "/aidp pause" not in answer
    assert "/aidp plan" in answer
    assert place.reactions(ignored) == []


async def test_our_own_words_are_no_commands(place: Place) -> None:
    """A reply of ours that begins with a command does nothing, whichever way it comes back."""
    own = await place.say("/aidp help", place.story.github.world.bot)
    await place.story.github.settle()
    assert (place.reactions(own), place.replies()) == ([], [])


async def test_a_login_that_was_taken_over_gives_no_rights(place: Place) -> None:
    """The comment is of an account that had the name before; whoever has it now is an admin, and somebody else."""
    before, now = User(777_001, "heir"), User(777_002, "heir")
    place.story.github.world.users["heir"] = now
    place.story.github.set_permission(place.story.repository, now, "admin")
    assert "and you have none" in await place.answer("/aidp build", before)
