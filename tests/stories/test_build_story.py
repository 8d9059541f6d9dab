"""A label on an issue becomes a pull request, or an honest ending."""

from collections.abc import Callable

from inline_snapshot import snapshot
from story_kit import FILES, PERSON, STRANGER, Story, script, shown, until

from github_app.demo.github import Edit
from github_app.demo.github.faults import Fault, Kind, Where

RIGHT = "echo right > answer.txt; echo 'Wrote the answer.'; echo 'STATUS: COMPLETE'"
WRONG = "echo wrong > answer.txt; echo 'STATUS: COMPLETE'"


async def test_a_labelled_issue_becomes_a_draft_pull_request(story: Story) -> None:
    """The agent fails the tests once, corrects itself, and a draft is there for whoever asked for it."""
    number = await story.ask(script(WRONG, RIGHT))
    assert shown(await story.ending(number, "Done")) == snapshot("""\
✅ **Done** · build · TIME · command · #2

the agent says the work is complete, and all checks pass

- [x] Workspace on `aidp/issue-1-make-it-right`
- [x] Iteration 2 of 4
- [x] Checks: 2 of 2 pass
- [x] Pull request #2

| | Check | Result | Time |
|---|---|---|--:|
| ✅ | `tests` | passed | TIME |
| ✅ | `lint` | passed | TIME |

[Check run](HOME#ID) · [Branch `aidp/issue-1-make-it-right`](HOME/tree/aidp/issue-1-make-it-right)

<details><summary>What happened (UTC)</summary>

- CLOCK Iteration 1 by command: 1 failing
- CLOCK Iteration 2 by command: nothing fails, was 1

</details>\
""")
    [pull_request] = story.pull_requests()
    assert pull_request.pull
    assert pull_request.pull.draft
    assert [who.login for who in pull_request.pull.reviewers] == [PERSON]
    assert pull_request.body.startswith(f"Fixes #{number}")
    assert "Wrote the answer." in pull_request.body
    assert "STATUS" not in pull_request.body
    assert pull_request.pull.head == f"aidp/issue-{number}-make-it-right"
    assert await story.file(pull_request.pull.head, "answer.txt") == "right\n"
    assert story.labels(number) == ()


async def test_a_branch_that_github_does_not_know_yet_becomes_a_pull_request(story: Story) -> None:
    """GitHub's API lags behind git: what it refuses right after the push is asked for again."""
    pulls = f"/repos/{story.repository.full_name}/pulls$"
    story.github.faults.add(Fault(Kind.PUSH_UNSEEN, Where("POST", pulls)))
    number = await story.ask(script(RIGHT))
    await story.ending(number, "Done")
    [pull_request] = story.pull_requests()
    assert pull_request.pull
    assert pull_request.pull.head == f"aidp/issue-{number}-make-it-right"


async def test_the_work_is_one_commit_by_the_bot(story: Story) -> None:
    """The branch has one commit on top of the base, by the App's bot, and no checkpoint ref stays behind."""
    number = await story.ask(script(WRONG, RIGHT))
    await story.ending(number, "Done")
    git = story.github.world.git(story.repository)
    [commit] = await git.commits(f"main..aidp/issue-{number}-make-it-right")
    assert commit.author.name == "aidp[bot]"
    assert commit.message.startswith("Make it right")
    assert list(await git.refs("refs/aidp/")) == []


async def test_all_of_the_work_is_counted_together(begin: Callable[..., Story]) -> None:
    """What the plan, each run of the agent and the comparison with the task have cost is one sum in the status."""
    config = FILES[".aidp/aidp.yml"].replace("first: false", "first: true").replace("rounds: 0", "rounds: 2")
    story = begin({**FILES, ".aidp/aidp.yml": config})
    cost = """; echo 'AIDP-USAGE: {"cost_usd": 0.5}'"""
    number = await story.ask(f"@cost 0.25\n{script(WRONG + cost, RIGHT + cost)}")
    assert "about $1.50" in await story.ending(number, "Done")


async def test_eyes_and_labels_tell_that_it_was_taken(story: Story) -> None:
    """While it works the issue has eyes, the working label and no trigger label."""
    number = await story.ask(script("sleep 1; " + RIGHT))
    await until(lambda: "aidp-working" in story.labels(number) and "aidp-build" not in story.labels(number))
    assert [it.content for it in story.github.reactions(story.repository, number)] == ["eyes"]
    assert "aidp-build" not in story.labels(number)
    await story.ending(number, "Done")


async def test_a_stranger_is_refused_once_and_politely(story: Story) -> None:
    """A label by somebody without write permission runs nothing, and says so one time."""
    number = await story.open(script(RIGHT))
    await story.label(number, STRANGER)
    await until(lambda: any("write" in text for text in story.comments(number)))
    await story.label(number, STRANGER)
    await until(lambda: "aidp-build" not in story.labels(number))
    await story.github.settle()
    assert len(story.comments(number)) == 1
    assert story.pull_requests() == []
    assert "eyes" not in [it.content for it in story.github.reactions(story.repository, number)]


async def test_an_agent_that_changes_nothing_ends_with_nothing_to_do(begin: Callable[..., Story]) -> None:
    """A claim without a change is doubted once, then believed; there is no pull request."""
    story = begin({**FILES, "answer.txt": "right\n"})
    number = await story.ask(script("echo 'All is well.'; echo 'STATUS: COMPLETE'"))
    assert "All is well." in await story.ending(number, "changed nothing")
    assert story.pull_requests() == []


async def test_an_agent_that_never_says_done_is_given_up(story: Story) -> None:
    """Passing checks without a claim are not done; at the cap the work so far is pushed, and the reason told."""
    runs = [f"echo right {number} > answer.txt; echo 'STATUS: CONTINUE'" for number in range(1, 5)]
    number = await story.ask(script(*runs))
    status = await story.ending(number, "not done after 4 iterations")
    assert story.pull_requests() == []
    assert await story.file(f"aidp/issue-{number}-make-it-right", "answer.txt") == "right 4\n"
    assert "aidp-needs-input" in story.labels(number)
    assert "branch" in status


async def test_a_blocked_agent_asks_its_question(story: Story) -> None:
    """The agent's question stands in the status comment."""
    number = await story.ask(script("echo 'Which answer is right?'; echo 'STATUS: BLOCKED'"))
    assert "Which answer is right?" in await story.ending(number, "needs an answer")


async def test_closing_the_issue_cancels_the_work(story: Story) -> None:
    """Work on a closed issue is cancelled, its agent is dead, and the comment says who did it."""
    number = await story.ask(script("echo $$ > /tmp/aidp-story-pid-$$; sleep 300"))
    await until(lambda: "working" in story.status(number))
    await story.github.close_issue(story.repository, number, by="ada")
    assert "ada closed the issue" in await story.ending(number, "closed the issue")
    assert story.pull_requests() == []


async def test_taking_the_working_label_off_cancels_the_work(story: Story) -> None:
    """The state label is also the brake."""
    number = await story.ask(script("sleep 300"))
    await until(lambda: "aidp-working" in story.labels(number))
    await story.github.unlabel_issue(story.repository, number, "aidp-working", by="ada")
    assert "took `aidp-working` off" in await story.ending(number, "took")


async def test_a_wrong_configuration_is_told_by_key_and_line(begin: Callable[..., Story]) -> None:
    """The comment names the key, the line and what belongs there; nothing runs."""
    story = begin({**FILES, ".aidp/aidp.yml": "max_iterations: ten\ncolour: blue\n"})
    number = await story.ask(script(RIGHT))
    status = await story.ending(number, "max_iterations")
    assert "line 1" in status.lower()
    assert "line 2" in status.lower()
    assert "`colour`" in status
    await until(lambda: "aidp-build" not in story.labels(number))


async def test_without_configuration_detected_checks_are_named(begin: Callable[..., Story]) -> None:
    """A repository without `.aidp/aidp.yml` works with what is found in it, and the comment says what that was."""
    test = "import unittest\n\nclass Works(unittest.TestCase):\n    def test_it(self):\n        assert True\n"
    story = begin({"tests/test_it.py": test, "answer.txt": "empty\n"})
    number = await story.ask(script(RIGHT))
    assert "unittest" in await story.ending(number, "Done")


async def test_a_second_label_continues_on_the_branch(story: Story) -> None:
    """After giving up, a new label goes on from what was pushed; one pull request comes of it."""
    number = await story.ask(script("echo almost > answer.txt; echo half > more.txt; echo 'STATUS: BLOCKED'"))
    await story.ending(number, "needs an answer")
    await story.github.edit_issue(story.repository, number, Edit(body=script(RIGHT)), by="ada")
    await story.label(number)
    await story.ending(number, "Done")
    [pull_request] = story.pull_requests()
    assert pull_request.pull
    assert await story.file(pull_request.pull.head, "more.txt") == "half\n"
