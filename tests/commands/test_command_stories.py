"""Commands in comments, from what a person writes to what they read."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from command_scene import Place
from inline_snapshot import snapshot
from story_kit import Story, script, shown, until

from github_app.demo.github import Edit, PullDraft, Remark, ReviewDraft
from github_app.demo.github.faults import Fault, Kind, When, Where
from github_app.demo.github.tracker import Tracker
from workflows.model import CommentRef, Reaction, ReactionRequest, Surface

RIGHT = "echo right > answer.txt; echo 'STATUS: COMPLETE'"


async def test_help_lists_what_one_may_do_here(place: Place) -> None:
    """By role and by place: nothing runs, and this is no pull request."""
    assert shown(await place.answer("/aidp help", "triage")) == snapshot("""\
@triage You can do this here:

- `/aidp help` List what you may do here.
- `/aidp status` Say what goes on here now.
- `/aidp why` Say what happened in the running work, and why.
- `/aidp history` List what has run here, and how it ended.
- `/aidp plan [hint]` Look at the code and propose a plan, or plan again with a hint.

A command is the first thing in its line, at most five in a comment.\
""")


async def test_an_admin_reads_by_which_rules_it_works(place: Place) -> None:
    """What holds here, whoever has set it: the repository, the operator, or nobody."""
    assert shown(await place.answer("/aidp config", "admin")) == snapshot("""\
@admin

- Agents, in this order: command
- Checks: `sh check.sh`, `! grep -n TODO *.txt`
- At most 4 iterations
- Budget of a run: no limit; of an issue: no limit; of a day: no limit
- Red CI is repaired when asked, at most 3 times
- Reviewers: senior, security, performance
- Pull requests are opened as drafts\
""")


async def test_an_unknown_verb_is_helped_once(place: Place) -> None:
    """Whoever may work here reads what was meant; a stranger gets no comment for a typing mistake."""
    assert shown(await place.answer("/aidp biuld it")) == snapshot(
        "@ada `biuld` is no command. Did you mean `build`? `/aidp help` lists what you may do here."
    )
    comment = await place.said("/aidp biuld it", "read")
    assert place.reactions(comment) == ["eyes", "confused"]
    assert len(place.replies()) == 1


async def test_more_than_five_commands_are_not_taken(place: Place) -> None:
    """One reply answers five and says how many were not."""
    answer = await place.answer("/aidp history\n" * 7)
    assert answer.count("Nothing has run here lately.") == 5
    assert "At most five commands in one comment are taken; 2 more were not." in answer


async def test_what_is_quoted_or_code_does_nothing(place: Place) -> None:
    """Not even 👀: nobody has spoken to us."""
    quiet = [await place.say(body) for body in ("> /aidp help", "```\n/aidp help\n```", "<!--\n/aidp help\n-->")]
    await place.answer("/aidp history")
    assert [place.reactions(comment) for comment in quiet] == [[], [], []]
    assert len(place.replies()) == 1


async def test_without_running_work_there_is_nothing_to_steer(place: Place) -> None:
    """Each command that needs some says so, and what to do."""
    body = "/aidp pause\n/aidp tell x\n/aidp cancel\n/aidp status\n/aidp why"
    assert shown(await place.answer(body)) == snapshot("""\
@ada Nothing is running here. `/aidp help` shows what you can start.

Nothing is running here. `/aidp help` shows what you can start.

Nothing is running here. `/aidp help` shows what you can start.

Nothing is running here.

Nothing has run here lately.\
""")


async def test_what_cannot_be_read_is_refused_with_an_example(place: Place) -> None:
    """Before anything is asked of the running work."""
    body = "/aidp pause tomorrow\n/aidp tell\n/aidp guard forbid x\n/aidp review\n/aidp budget lots"
    assert shown(await place.answer(body, "admin")) == snapshot("""\
@admin `tomorrow` is no time. Write it like `/aidp pause 2h` or `/aidp pause 90m`, at most 30 days.

Say more, for example `/aidp tell Use the existing parser.`

`forbid x` changes no guard. Write it like `/aidp guard exclude docs/**`, `confirm GLOB` or `max-lines 300`.

`review` is for pull requests, and this is an issue.

`lots` is no budget. Write it like `/aidp budget +$5`, `+10 iterations`, `+30 minutes`, `+9k tokens`.\
""")


async def test_a_running_build_is_steered_from_comments(place: Place, tmp_path: Path) -> None:
    """Paused, told something, looked at, resumed: the loop hears it all, and goes on to its end."""
    begun, gate = tmp_path / "begun", tmp_path / "gate"
    wait = f"touch {begun}; while [ ! -e {gate} ]; do sleep 0.1; done; echo 'STATUS: CONTINUE'"
    await build(place, script(wait, RIGHT))
    await until(begun.exists)
    assert shown(await place.answer("/aidp pause 2h")) == snapshot(
        "@ada Paused; the running step is finished first. It goes on by itself at DATE CLOCK UTC."
    )
    assert "It is already paused." in await place.answer("/aidp pause")
    assert "with its next prompt" in await place.answer("/aidp tell Use plain words.\n\nAnd few.")
    assert "with its next prompt" in await place.answer("And no capitals, @aidp.")
    changes = "/aidp guard exclude docs/**\n/aidp provider command/small\n/aidp model large\n/aidp reload"
    assert shown(await place.answer(changes)) == snapshot("""\
@ada The guards hold from the next commit on.

command/small gets the next prompt, unless its own limit says no; a running agent finishes.

command/large gets the next prompt, unless its own limit says no; a running agent finishes.

The configuration is read again before the next iteration.\
""")
    assert "`build`, asked for by ada" in await place.answer("@aidp status", "read")
    assert "\n\n- CLOCK Paused until DATE CLOCK UTC by ada\n" in shown(await place.answer("/aidp why", "read"))
    assert "Only an admin may loosen" in await place.answer("/aidp guard allow .github/**")
    gate.touch()
    await until(lambda: "is paused" in place.story.status(place.number))
    assert "Resumed." in await place.answer("/aidp resume")
    await place.story.ending(place.number, "Done")
    await place.story.temporal.get_workflow_handle(f"build:{place.story.repository.id}#{place.number}").result()
    assert "`build` done" in await place.answer("/aidp history")


async def test_a_running_build_is_cancelled_from_a_comment(place: Place, tmp_path: Path) -> None:
    """With a 🚀, and an ending that names who it was."""
    begun = tmp_path / "begun"
    await build(place, script(f"touch {begun}; sleep 300"))
    await until(begun.exists)
    comment = await place.said("/aidp cancel", "triage")
    assert place.reactions(comment) == ["eyes", "rocket"]
    assert "triage cancelled it" in await place.story.ending(place.number, "Cancelled")


async def test_trouble_with_showing_that_it_was_heard_holds_no_command_up(place: Place, tmp_path: Path) -> None:
    """GitHub takes no reactions: a build is cancelled all the same, and that it was heard is shown later."""
    begun = tmp_path / "begun"
    await build(place, script(f"touch {begun}; sleep 300"))
    await until(begun.exists)
    trouble = Fault(Kind.BAD_GATEWAY, Where("POST", "/reactions$"), When(count=None))
    place.story.github.faults.add(trouble)
    comment = await place.say("/aidp cancel")
    assert "ada cancelled it" in await place.story.ending(place.number, "Cancelled")
    assert place.reactions(comment) == []
    assert place.story.github.faults.withdraw(trouble)
    await until(lambda: set(place.reactions(comment)) == {"eyes", "rocket"})


async def build(place: Place, text: str) -> None:
    """Write what is to be built, and ask for it with a command."""
    await place.story.github.edit_issue(place.story.repository, place.number, Edit(body=text), by="ada")
    comment = await place.said("/aidp build")
    assert place.reactions(comment) == ["eyes", "rocket"]


async def test_commands_work_wherever_one_can_write(begin: Callable[[], Story], place: Place) -> None:
    """In the conversation of a pull request, in the body of a review and on a line of its diff."""
    story = begin()
    await story.github.push(story.repository, "feature", {"answer.txt": "more\n"}, "ada")
    number = (await story.github.open_pull_request(story.repository, PullDraft("F", "feature", "main"), "ada")).number
    pull = Place(story, number, place.clients)
    assert "/aidp rebase" in await pull.answer("/aidp help")
    draft = ReviewDraft("COMMENT", "/aidp history", (Remark("answer.txt", 1, "/aidp why"),))
    review = await story.github.review(story.repository, number, draft, "read")
    await until(lambda: len(pull.replies()) == 3)
    await until(lambda: pull.reactions(review.id, "review") == ["eyes", "rocket"])
    [remark] = story.repository.review_comments.values()
    await until(lambda: pull.reactions(remark.id, "review_comment") == ["eyes", "rocket"])


async def test_a_command_in_a_review_is_refused_as_anywhere(begin: Callable[[], Story], place: Place) -> None:
    """With 😕 at the review, and one line that says what it takes; reacting once more changes nothing."""
    story = begin()
    await story.github.push(story.repository, "feature", {"answer.txt": "more\n"}, "ada")
    number = (await story.github.open_pull_request(story.repository, PullDraft("F", "feature", "main"), "ada")).number
    pull = Place(story, number, place.clients)
    review = await story.github.review(story.repository, number, ReviewDraft("COMMENT", "/aidp rebase"), "read")
    [reply] = await until(pull.replies)
    assert shown(reply) == snapshot("@read `rebase` takes **write** permission here, and you have read.")
    await pull.hand.react(ReactionRequest(CommentRef(pull.item, review.id, Surface.REVIEW), Reaction.TAKEN))
    assert pull.reactions(review.id, "review") == ["eyes", "confused"]


async def test_only_what_stood_there_first_is_obeyed(place: Place) -> None:
    """A comment that was edited since gives no command; without its webhook, one that was ever edited gives none."""
    body = "Hm.\n\n/aidp plan\n"
    comment = CommentRef(place.item, await place.say("Hm."), digest=hashlib.sha256(body.encode()).hexdigest())
    github = place.story.github
    github.advance(timedelta(seconds=2))
    Tracker(github.world, place.story.repository, github.add_user("ada")).edit_comment(comment.id, body)
    read = await place.hand.read_comment(comment)
    assert (read.commands[0].verb, read.flaw) == ("plan", "")
    assert "was edited" in (await place.hand.read_comment(replace(comment, digest="0" * 64))).flaw
    assert "was edited" in (await place.hand.read_comment(replace(comment, digest=""))).flaw
    untouched = CommentRef(place.item, await place.say("Hm."))
    assert (await place.hand.read_comment(untouched)).flaw == ""


async def test_a_comment_that_is_gone_stops_nothing(place: Place) -> None:
    """It gives no command, and not to find it is no failure."""
    for surface in Surface:
        gone = CommentRef(place.item, 999_999, surface)
        if surface is not Surface.REVIEW:
            assert (await place.hand.read_comment(gone)).flaw == "The comment is gone."
        await place.hand.react(ReactionRequest(gone, Reaction.TAKEN))
