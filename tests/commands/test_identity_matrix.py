"""Every kind of person, in every place, by every way in which text can come about: only what is new and by whom it may.

What each role may is told in `test_who_may_what.py`; here it is who is heard at all, and where.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import pytest
from command_scene import LISTED_BOT, Place, World
from pull_kit import open_pull
from story_kit import Story, until

from github_app.demo.github import User
from github_app.demo.github.reviewing import Remark, ReviewDraft
from github_app.demo.github.tracker import Tracker

HELP = "/aidp help"
UNLISTED, LISTED = User(99, "other[bot]", "Bot"), User(LISTED_BOT, "known[bot]", "Bot")
OFFERED, REFUSED = "You can do this here", "`help` takes **read** permission here, and you have none."
EXPECTED = {
    "none": REFUSED,
    "read": OFFERED,
    "write": OFFERED,
    LISTED.login: OFFERED,
    UNLISTED.login: "",
    "aidp[bot]": "",
}
"""Who speaks, and what they hear."""

Speak = Callable[[Place, User, str], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Where:
    """A place where people write, and how their text is changed there afterwards."""

    speak: Speak
    edit: Callable[[Place, User, int, str], object]
    on_pull_request: bool = True


async def in_conversation(place: Place, by: User, text: str) -> int:
    """Write a comment."""
    return await place.say(text, by)


def edit_comment(place: Place, by: User, comment: int, text: str) -> object:
    """Change a comment."""
    return Tracker(place.story.github.world, place.story.repository, by).edit_comment(comment, text)


async def in_review(place: Place, by: User, text: str) -> int:
    """Submit a review that says it."""
    draft = ReviewDraft("COMMENT", text, ())
    return (await place.story.github.review(place.story.repository, place.number, draft, by)).id


def edit_review(place: Place, by: User, review: int, text: str) -> object:
    """Change what a review says."""
    return place.story.github.reviewing(place.story.repository, by).edit(review, text)


async def on_line(place: Place, by: User, text: str) -> int:
    """Write it on a line of the diff."""
    draft = ReviewDraft("COMMENT", "", (Remark("answer.txt", 1, text),))
    await place.story.github.review(place.story.repository, place.number, draft, by)
    return max(place.story.repository.review_comments)


def edit_remark(place: Place, by: User, remark: int, text: str) -> object:
    """Change what is said on a line."""
    return place.story.github.reviewing(place.story.repository, by).edit_comment(remark, text)


PLACES: Mapping[str, Where] = {
    "issue": Where(in_conversation, edit_comment, on_pull_request=False),
    "conversation": Where(in_conversation, edit_comment),
    "review": Where(in_review, edit_review),
    "line": Where(on_line, edit_remark),
}


@pytest.fixture(params=PLACES)
async def where(request: pytest.FixtureRequest) -> Where:
    """Go to each place."""
    return PLACES[request.param]


@pytest.fixture
async def place(begin: Callable[[], Story], world: World, where: Where) -> Place:
    """Open the issue or pull request, with two bots about."""
    story = begin()
    for bot in (UNLISTED, LISTED):
        story.github.world.users[bot.login] = bot
        story.github.set_permission(story.repository, bot, "write")
    if where.on_pull_request:
        return Place(story, (await open_pull(story, {"answer.txt": "right\n"})).number, world.clients)
    return Place(story, await story.open("Please."), world.clients)


async def test_who_is_heard_where(place: Place, where: Where) -> None:
    """People hear what they may do or what it takes, listed bots as well; nobody else is answered."""
    users = place.story.github.world.users
    for login in EXPECTED:
        await where.speak(place, users[login], HELP)
    heard = {login: answer for login, answer in EXPECTED.items() if answer}
    await until(lambda: len(place.replies()) >= len(heard))
    await place.story.github.settle()
    assert len(place.replies()) == len(heard)
    for answer in (OFFERED, REFUSED):
        assert sum(answer in reply for reply in place.replies()) == [*heard.values()].count(answer)


async def test_text_that_was_changed_is_no_command(place: Place, where: Where) -> None:
    """Whoever edits a command into a text, their own or somebody else's, gives none; nor does one that is deleted."""
    writer = place.story.github.world.users["write"]
    said = await where.speak(place, writer, "Nothing yet.")
    await place.story.github.settle()
    where.edit(place, writer, said, HELP)
    await place.story.github.settle()
    if where.edit is edit_comment:
        Tracker(place.story.github.world, place.story.repository, writer).delete_comment(said)
    await place.answer("/aidp status")
    assert [reply for reply in place.replies() if OFFERED in reply] == []
