"""A plan before the work: questions, answers, an approval that holds for what was approved and nothing else."""

from collections.abc import Callable
from dataclasses import replace

from inline_snapshot import snapshot
from story_kit import FILES, PERSON, STRANGER, Story, script, shown, until

from github_app.demo.github import Edit
from github_app.demo.github.faults import Fault, Kind, When, Where
from github_app.demo.github.tracker import Tracker

PLAN = "aidp-plan"
RIGHT = "echo right > answer.txt; echo 'STATUS: COMPLETE'"
WORK = script(RIGHT)
SIMPLE = """echo '{"summary": "Write the answer.", "tasks": [{"title": "Write it"}], "files": ["answer.txt"]}'\n"""
ASKING = (
    """echo '{"summary": "Write it.", "tasks": [{"title": "Write"}], "questions": ["Right or left?", "When?"]}'\n"""
)
UNUSABLE = "touch plan.txt; grep -q '^## About your last answer' || { echo soon; exit; }\n"
"""The beginning of a planner that leaves a file, and whose first answer has no form."""
CONFIG = FILES[".aidp/aidp.yml"]


def planned(*plans: str, work: str = WORK) -> str:
    """Write an issue whose agent plans like this."""
    return "".join(f"@plan\n{plan}@end\n" for plan in plans) + work


def plan_of(story: Story, number: int) -> str:
    """Read the plan comment; there is never more than one."""
    [plan] = [text for text in story.comments(number) if "<!-- aidp:plan" in text]
    return shown(plan)


def trouble_with_plan(story: Story, number: int) -> Fault:
    """Make up a GitHub that does not edit the plan comment."""
    [comment] = [it for it in story.github.comments(story.repository, number) if "<!-- aidp:plan" in it.body]
    return Fault(Kind.BAD_GATEWAY, Where("PATCH", f"/comments/{comment.id}$"), When(count=None))


def rockets(story: Story) -> int:
    """Count what was obeyed or taken for an answer."""
    return sum(it.content == "rocket" for it in story.repository.reactions.values())


async def waiting(story: Story, number: int, words: str) -> str:
    """Wait until the status comment says what is waited for."""
    return await until(lambda: story.status(number) if words in story.status(number) else None)


async def test_a_plan_is_approved_and_then_built(story: Story) -> None:
    """Nothing is built before somebody approves who may at that moment; then the plan is, from where it was made."""
    number = await story.open(planned(UNUSABLE + SIMPLE))
    await story.label(number, label=PLAN)
    await waiting(story, number, "/aidp approve")
    assert plan_of(story, number) == snapshot("""\
📝 **Plan** · waits for approval

Write the answer.

### Tasks

- [ ] Write it

Likely to change: `answer.txt`.

**Next:** @ada, or anybody with write permission: `/aidp approve`, `/aidp reject`, or `/aidp plan …` for another.\
""")
    git = story.github.world.git(story.repository)
    planned_at = (await git.refs("refs/heads/"))["refs/heads/main"]
    await story.github.push(story.repository, "main", {"later.txt": "later\n"}, PERSON)
    story.github.set_permission(story.repository, "grace", "triage")
    await story.say(number, "/aidp approve", "grace")
    await story.answered(number, "@grace `approve` takes **write** permission here, and you have triage.")
    assert story.pull_requests() == []
    story.github.set_permission(story.repository, "grace", "write")
    await story.say(number, "/aidp approve", "grace")
    [pull_request] = await until(story.pull_requests)
    assert pull_request.body.startswith(f"Fixes #{number}")
    assert "approved by grace" in plan_of(story, number)
    assert pull_request.pull
    assert await git.file(pull_request.pull.head, "plan.txt") is None
    assert (await git.commit(pull_request.pull.head_sha)).parents == (planned_at,)


async def test_a_question_is_answered_in_a_plain_comment(story: Story) -> None:
    """By its number or just so; the plan is made again with the answers, and the old one folded away."""
    number = await story.open(planned(ASKING, SIMPLE))
    await story.label(number, label=PLAN)
    await waiting(story, number, "answers to the plan's questions")
    assert "1. Right or left?\n2. When?" in plan_of(story, number)
    await until(lambda: "aidp-needs-input" in story.labels(number))
    await story.say(number, "/aidp answer 2 Now.")
    await story.answered(number, "Question 2 is answered; open: 1.")
    await story.say(number, "Right, please.")
    await story.answered(number, "Write the answer.")
    assert plan_of(story, number) == snapshot("""\
📝 **Plan** · version 2 · waits for approval

Write the answer.

### Tasks

- [ ] Write it

Likely to change: `answer.txt`.

### Answered so far

- When? **ada** answers:

  > Now.
- **ada** answers:

  > Right, please.

**Next:** @ada, or anybody with write permission: `/aidp approve`, `/aidp reject`, or `/aidp plan …` for another.

<details><summary>The plan before</summary>

Write it.

### Tasks

- [ ] Write

### Questions

1. Right or left?
2. When?

</details>\
""")


async def test_a_strangers_answer_is_none(story: Story) -> None:
    """Somebody without triage permission decides nothing."""
    number = await story.open(planned(ASKING, SIMPLE))
    await story.label(number, label=PLAN)
    await waiting(story, number, "answers to the plan's questions")
    await story.say(number, "Left!", STRANGER)
    await story.say(number, "/aidp answer 1 Left!", STRANGER)
    await story.answered(number, "takes **triage** permission")
    await story.say(number, "/aidp answer Right.")
    await waiting(story, number, "/aidp approve")
    assert "Left!" not in await story.answered(number, "Write the answer.")


async def test_an_edited_issue_voids_the_plan(story: Story) -> None:
    """What is approved is the issue as it was planned: after an edit there is a new plan to approve."""
    number = await story.open(planned(SIMPLE))
    await story.label(number, label=PLAN)
    await waiting(story, number, "/aidp approve")
    other = planned(SIMPLE.replace("Write the answer.", "Write another answer."))
    await story.github.edit_issue(story.repository, number, Edit(body=other), PERSON)
    await story.answered(number, "The issue was edited")
    await story.answered(number, "Write another answer.")
    assert story.pull_requests() == []


async def test_an_edited_plan_is_shown_again(story: Story) -> None:
    """Nobody approves what somebody else has written into it, whoever that was."""
    number = await story.open(planned(SIMPLE))
    await story.label(number, label=PLAN)
    await waiting(story, number, "/aidp approve")
    before = plan_of(story, number)
    [plan] = [it for it in story.github.comments(story.repository, number) if "<!-- aidp:plan" in it.body]
    maintainer = Tracker(story.github.world, story.repository, story.github.add_user("grace"))
    maintainer.edit_comment(plan.id, plan.body.replace("Write the answer.", "Write anything."))
    await story.say(number, "/aidp approve")
    await story.answered(number, "The plan comment was edited by somebody. The approval is void")
    assert plan_of(story, number) == before
    assert story.pull_requests() == []
    await story.say(number, "/aidp approve")
    await until(lambda: "approved by ada" in plan_of(story, number))


async def test_a_plan_is_approved_as_soon_as_people_see_it(story: Story) -> None:
    """GitHub has written it, and has trouble to say so: the approval that it asks for counts already."""
    number, trouble = await just_seen(story, planned(ASKING, SIMPLE))
    before = rockets(story)
    await story.say(number, "/aidp approve")
    await until(lambda: rockets(story) > before)
    assert story.github.faults.withdraw(trouble)
    await story.ending(number, "Done")
    assert "approved by ada" in plan_of(story, number)


async def test_a_question_is_answered_as_soon_as_people_see_it(story: Story) -> None:
    """In a plain comment, too: it is listened for before GitHub shows the question."""
    number, trouble = await just_seen(story, planned(ASKING))
    before = rockets(story)
    await story.say(number, "As I said.")
    await until(lambda: rockets(story) > before)
    assert story.github.faults.withdraw(trouble)
    await until(lambda: "As I said." in plan_of(story, number))


async def just_seen(story: Story, body: str) -> tuple[int, Fault]:
    """Have a plan made again, which GitHub shows and can not say so; returns the issue, and that trouble."""
    number = await story.open(body)
    await story.label(number, label=PLAN)
    await waiting(story, number, "answers to the plan's questions")
    trouble = replace(trouble_with_plan(story, number), after_commit=True)
    story.github.faults.add(trouble)
    await story.say(number, "Right, and now.")
    await until(lambda: "version 2" in plan_of(story, number))
    return number, trouble


async def test_an_approval_of_a_plan_that_was_replaced_is_none(story: Story) -> None:
    """Who sees another plan than the one that is being shown can not have meant it."""
    number = await story.open(planned(SIMPLE))
    await story.label(number, label=PLAN)
    await waiting(story, number, "/aidp approve")
    trouble = trouble_with_plan(story, number)
    before = len(story.github.faults.injected)
    story.github.faults.add(trouble)
    await story.say(number, "/aidp plan")
    await until(lambda: story.github.faults.injected[before:])
    await story.say(number, "/aidp approve")
    await story.answered(number, "There is no plan to approve yet")
    assert story.github.faults.withdraw(trouble)
    await until(lambda: "version 2" in plan_of(story, number))
    assert story.pull_requests() == []


async def test_a_plan_is_made_again_or_put_away(story: Story) -> None:
    """A hint asks for another one, as often as people want; a refusal ends the work, with its reason."""
    hinted = SIMPLE.replace("Write the answer.", "Write it in Latin.")
    number = await story.open(planned(f"grep -q '^in Lati[n]' && {{ {hinted.strip()}; exit; }}; {SIMPLE}"))
    await story.say(number, "/aidp plan")
    await waiting(story, number, "/aidp approve")
    await story.say(number, "/aidp plan in Latin")
    await story.answered(number, "Planning again.")
    await story.answered(number, "Write it in Latin.")
    await story.say(number, "/aidp reject not worth it")
    assert "ada rejected it: not worth it" in await story.ending(number, "Cancelled")
    assert plan_of(story, number).startswith("⏹️ **Plan** · version 2 · put away: ada rejected it: not worth it")


async def test_a_build_label_approves_the_plan_that_waits(story: Story) -> None:
    """Whoever asks for the build has seen the plan."""
    number = await story.open(planned(SIMPLE))
    await story.label(number, label=PLAN)
    await waiting(story, number, "/aidp approve")
    await story.label(number)
    await until(story.pull_requests)
    await until(lambda: "aidp-build" not in story.labels(number))


async def test_a_build_without_a_plan_makes_one(begin: Callable[..., Story]) -> None:
    """The plan is there to read, and needs no approval: whoever asked for the build gave it."""
    story = begin({**FILES, ".aidp/aidp.yml": CONFIG.replace("plan: {first: false}\n", "")})
    number = await story.ask(planned(SIMPLE))
    await story.ending(number, "Done")
    await story.answered(number, "Write the answer.")
    assert len(story.pull_requests()) == 1


async def test_a_plan_that_no_list_shows_yet_is_not_written_twice(begin: Callable[..., Story]) -> None:
    """GitHub's lists lag, and it is approved as soon as it is there: there is one plan, and it says so."""
    story = begin({**FILES, ".aidp/aidp.yml": CONFIG.replace("plan: {first: false}\n", "")})
    lists = Where("GET", f"/{story.repository.name}/issues/1/comments$")
    behind = Fault(Kind.STALE_READ, lists, When(count=None))
    story.github.faults.add(behind)
    number = await story.ask(planned(SIMPLE))
    await story.ending(number, "Done")
    story.github.faults.withdraw(behind)
    assert "approved by ada" in plan_of(story, number)


async def test_what_a_comparison_misses_is_done_next(begin: Callable[..., Story]) -> None:
    """Checks that pass are not everything: the next iteration does what is not there, and what is left is told."""
    config = CONFIG.replace("verify_rounds: 0", "verify_rounds: 2")
    template = "### Why\n\n<!-- Tell us. -->\n\n- [ ] I have read it\n"
    story = begin({**FILES, ".aidp/aidp.yml": config, ".github/pull_request_template.md": template})
    verification = """@verification
test -e more.txt && echo '{"unmet": ["It is not Latin."]}' || echo '{"unmet": ["more.txt is missing"]}'
@end
"""
    work = script(RIGHT, "echo more > more.txt; echo 'Wrote more.'; echo 'STATUS: COMPLETE'")
    number = await story.ask(verification + work)
    await story.ending(number, "Done")
    [pull_request] = story.pull_requests()
    assert pull_request.pull
    assert await story.file(pull_request.pull.head, "more.txt") == "more\n"
    assert shown(pull_request.body) == snapshot("""\
### Why

- [ ] I have read it

Fixes #1

> Wrote more.

### Not done

- It is not Latin.

### What changed

2 files, +2 -1

<details><summary>Files</summary>

- `answer.txt`
- `more.txt`

</details>

### Checks

| | Check | Result | Time |
|---|---|---|--:|
| ✅ | `tests` | passed | TIME |
| ✅ | `lint` | passed | TIME |

### How it was made

2 iterations in TIME with command, asked for by @ada.
This is a draft: review it like anybody's work before you merge it.\
""")
