"""Plans and projects on GitHub: one comment each, and an issue for each part."""

from dataclasses import replace

import pytest
from github_scene import REPO, Scene
from inline_snapshot import snapshot

from activities.github.plan_activities import PlanActivities
from activities.github.plan_texts import plan_body, project_body
from github_app.demo.github.faults import Fault, Kind, When, Where
from github_app.demo.github.relating import Place, Relating
from github_app.demo.github.tracker import Tracker
from workflows.model import (
    Actor,
    Item,
    Part,
    Plan,
    PlanAnswer,
    PlanPost,
    PlanTask,
    ProjectPost,
    ProjectUnit,
    SubIssue,
    SubIssueDraft,
)

ITEM = Item(installation_id=1, repository_id=2, number=12)
ADA = Actor(7, "ada")
PLAN = Plan(
    "Division by zero raises an error, as `divmod` does.",
    tasks=(
        PlanTask("Raise the error", "In `calc.py`:\n\n```python\nraise ValueError"),
        PlanTask("Test it, @everyone <!-- aidp:plan v1 -->"),
    ),
    files=("calc.py", "tests/test_calc.py"),
)
ASKING = Plan("Raise something.", questions=("Which error: `ValueError` or our own?", "Also for floats?"))
POST = PlanPost(ITEM, PLAN, 1, ADA)
UNSEEN = Fault(Kind.STALE_READ, Where("GET", "/comments"), When(nth=2, count=None))
"""What is written after the first look is shown by no read."""
PARSING = ProjectUnit("a", "Parse", 1, "waiting")
SECOND = replace(
    POST,
    version=2,
    before=ASKING,
    answers=(PlanAnswer(1, "Our own.\n```", "bob", ASKING.questions[0]), PlanAnswer(0, "See above, #3.", "ada")),
)


def test_a_plan_says_what_is_done_and_how_to_let_it_pass() -> None:
    """What an agent wrote keeps its formatting and does nothing: no mention, no marker, no fence left open."""
    assert plan_body(POST) == snapshot("""\
📝 **Plan** · waits for approval

Division by zero raises an error, as `divmod` does.

### Tasks

- [ ] Raise the error

  In `calc.py`:

  ```python
  raise ValueError
  ```

- [ ] Test it, @\u200beveryone <\u200b!-- aidp:plan v1 -->

Likely to change: `calc.py`, `tests/test_calc.py`.

**Next:** @ada, or anybody with write permission: `/aidp approve`, `/aidp reject`, or `/aidp plan …` for another.

<!-- aidp:plan v1 -->\
""")


def test_questions_say_how_they_are_answered() -> None:
    """Questions are numbered, as answers name them."""
    assert plan_body(replace(POST, plan=ASKING)) == snapshot("""\
❓ **Plan** · waits for answers to 2 questions

Raise something.

### Questions

1. Which error: `ValueError` or our own?
2. Also for floats?

**Next:** @ada, answer in a comment, or one by one with `/aidp answer 1 …`. It takes triage permission.

<!-- aidp:plan v1 -->\
""")


def test_a_second_plan_shows_answers_and_folds_the_first_away() -> None:
    """Each answer stands with the question it was given to, whatever the new plan asks."""
    assert plan_body(SECOND) == snapshot("""\
📝 **Plan** · version 2 · waits for approval

Division by zero raises an error, as `divmod` does.

### Tasks

- [ ] Raise the error

  In `calc.py`:

  ```python
  raise ValueError
  ```

- [ ] Test it, @\u200beveryone <\u200b!-- aidp:plan v1 -->

Likely to change: `calc.py`, `tests/test_calc.py`.

### Answered so far

- Which error: `ValueError` or our own? **bob** answers:

  > Our own.
  > ```
- **ada** answers:

  > See above, #3.

**Next:** @ada, or anybody with write permission: `/aidp approve`, `/aidp reject`, or `/aidp plan …` for another.

<details><summary>The plan before</summary>

Raise something.

### Questions

1. Which error: `ValueError` or our own?
2. Also for floats?

</details>

<!-- aidp:plan v1 -->\
""")


def test_a_plan_ends_approved_or_put_away() -> None:
    """After the decision the comment says who decided, and nothing is left to be done."""
    approved = plan_body(replace(POST, needs_approval=False, approved_by="ada"))
    rejected = plan_body(replace(POST, needs_approval=False, note="ada rejected it: not\nworth it"))
    assert approved.splitlines()[0] == "✅ **Plan** · approved by ada"
    assert rejected.splitlines()[0] == "⏹️ **Plan** · put away: ada rejected it: not worth it"
    assert "Next:" not in approved + rejected


@pytest.mark.parametrize("tasks", [3, 30])
def test_the_longest_plan_still_says_what_to_do(tasks: int) -> None:
    """A comment has room for 65,536 characters: details go before the way to approve does."""
    long = Plan("s" * 2000, tuple(PlanTask("t" * 300, "d" * 2000) for _ in range(tasks)), files=("f" * 300,) * 50)
    body = plan_body(
        replace(POST, plan=long, before=long, answers=(PlanAnswer(1, "a" * 9000, "ada", "q" * 2000),) * 40)
    )
    assert len(body) <= 65_536
    assert "/aidp approve" in body
    assert "… (cut)" not in body


def test_a_project_is_a_table() -> None:
    """One look tells where each part is, and what it waits for."""
    units = (
        ProjectUnit("a", "Parse | read", 13, "done", pull_request=15, reason="merged"),
        ProjectUnit("b", "Show", 14, "waiting", depends_on=(13, 16)),
        ProjectUnit("c", "Store, @everyone", 16, "failed", reason="the agent gave up\nafter 4 iterations"),
    )
    assert project_body(ProjectPost(ITEM, "In three parts.", units)) == snapshot("""\
🗂️ **Project** · 1 of 3 parts done

In three parts.

| | Part | Issue | Pull request | Waits for |
|---|---|---|---|---|
| ✅ | Parse \\| read<br>merged | #13 | #15 |  |
| ⚪ | Show | #14 |  | #13, #16 |
| ❌ | Store, @\u200beveryone<br>the agent gave up after 4 iterations | #16 |  |  |

<!-- aidp:project v1 -->\
""")


# --- on GitHub --------------------------------------------------------------------------------------------------------


def hand(scene: Scene) -> PlanActivities:
    """Take the hand for plans."""
    return PlanActivities(scene.clients)


def draft(scene: Scene, slug: str, *blocked_by: int) -> SubIssueDraft:
    """Describe a part."""
    return SubIssueDraft(scene.item, Part(slug, f"Do {slug}", "All of it. Fixes #1"), ("aidp-blocked",), blocked_by)


def relating(scene: Scene) -> Relating:
    """Look at what issues are to each other."""
    return Relating(scene.github.world, scene.repository, scene.github.world.bot)


def numbers(places: list[Place]) -> list[int]:
    """Name issues by number."""
    return [place.issue.number for place in places]


async def test_a_plan_is_one_comment(scene: Scene) -> None:
    """A new version takes the place of the old one, and an unchanged one is not written again."""
    post = replace(POST, item=scene.item)
    first = await hand(scene).write_plan(post)
    assert await hand(scene).write_plan(post) == first
    second = await hand(scene).write_plan(replace(SECOND, item=scene.item))
    assert second.comment_id == first.comment_id
    assert second.digest != first.digest
    assert scene.writes == ["POST /issues/1/comments", f"PATCH /issues/comments/{first.comment_id}"]
    assert await hand(scene).read_plan(scene.item) == second
    assert second.url


async def test_a_plan_that_no_read_shows_yet_is_edited(scene: Scene) -> None:
    """All that is read after the first look is from before it was written: the approval goes into it all the same."""
    scene.github.faults.add(UNSEEN)
    post = replace(POST, item=scene.item)
    written = await hand(scene).write_plan(post)
    bound = replace(post, needs_approval=False, approved_by="ada", comment_id=written.comment_id)
    assert (await hand(scene).write_plan(bound)).comment_id == written.comment_id
    [comment] = scene.github.comments(REPO, 1)
    assert "approved by ada" in comment.body


async def test_a_plan_that_somebody_deletes_is_written_again(scene: Scene) -> None:
    """GitHub refuses to edit what is gone."""
    post = replace(POST, item=scene.item)
    gone = await hand(scene).write_plan(post)
    tracker = Tracker(scene.github.world, scene.repository, scene.github.add_user("ada"))
    tracker.delete_comment(gone.comment_id)
    written = await hand(scene).write_plan(replace(post, comment_id=gone.comment_id))
    assert [comment.id for comment in scene.github.comments(REPO, 1)] == [written.comment_id]


async def test_any_edit_of_a_plan_shows(scene: Scene) -> None:
    """An approval holds for what was written: a word more and it is another plan. A ticked box is not a word."""
    written = await hand(scene).write_plan(replace(POST, item=scene.item))
    [comment] = scene.github.comments(REPO, 1)
    tracker = Tracker(scene.github.world, scene.repository, scene.github.add_user("ada"))
    tracker.edit_comment(comment.id, comment.body.replace("- [ ]", "- [x]"))
    assert await hand(scene).read_plan(scene.item) == written
    tracker.edit_comment(comment.id, comment.body.replace("Raise", "Swallow"))
    edited = await hand(scene).read_plan(scene.item)
    assert edited
    assert edited.digest != written.digest


async def test_somebody_elses_plan_is_none(scene: Scene) -> None:
    """A comment with our marker by another author is never taken for ours."""
    await scene.github.comment(REPO, 1, "mallory", plan_body(POST))
    assert await hand(scene).read_plan(scene.item) is None
    await hand(scene).write_plan(replace(POST, item=scene.item))
    assert len(scene.github.comments(REPO, 1)) == 2


async def test_parts_become_issues_once(scene: Scene) -> None:
    """Each part is a sub-issue that waits for others; another attempt finds them, also when an answer was lost."""
    first = await hand(scene).open_sub_issue(draft(scene, "parse"))
    second = await hand(scene).open_sub_issue(draft(scene, "show", first.number))
    assert await hand(scene).open_sub_issue(draft(scene, "show", first.number)) == second
    assert await hand(scene).read_sub_issues(scene.item) == (first, second)
    assert second == SubIssue("show", second.number, "Do show")
    assert numbers(relating(scene).parts(1)) == [first.number, second.number]
    assert numbers(relating(scene).blockers(second.number)) == [first.number]
    assert scene.github.labels(REPO, second.number) == ("aidp-blocked",)
    assert scene.github.issue(REPO, second.number).body == snapshot("""\
All of it. Fi\u200bxes #1

A part of #1.

<!-- aidp:part v1 of=1 slug=show -->\
""")


async def test_a_part_that_was_opened_unheard_is_found(scene: Scene) -> None:
    """GitHub opened the issue and its answer was lost: the next attempt relates it and opens no other."""
    scene.github.faults.add(Fault(Kind.BAD_GATEWAY, Where("POST", "/issues$"), after_commit=True))
    with pytest.raises(Exception, match="GitHub has trouble"):
        await hand(scene).open_sub_issue(draft(scene, "parse"))
    found = await hand(scene).open_sub_issue(draft(scene, "parse"))
    assert await hand(scene).read_sub_issues(scene.item) == (found,)
    assert numbers(relating(scene).parts(1)) == [found.number]


async def test_parts_do_without_sub_issues(scene: Scene) -> None:
    """A GitHub without sub-issues has issues all the same; the project's comment says what they are to each other."""
    old = scene.github.add_repository("acme", "old", files={"a": "a"}, native_sub_issues=False)
    issue = await scene.github.create_issue(old, "ada", "Large")
    item = replace(scene.item, repository_id=old.id, number=issue.number)
    first = await hand(scene).open_sub_issue(replace(draft(scene, "parse"), item=item))
    second = await hand(scene).open_sub_issue(replace(draft(scene, "show", first.number), item=item))
    assert await hand(scene).read_sub_issues(item) == (first, second)


async def test_a_forged_part_is_none(scene: Scene) -> None:
    """Somebody's issue with our marker is not one of our parts."""
    ours = await hand(scene).open_sub_issue(draft(scene, "parse"))
    body = scene.github.issue(REPO, ours.number).body.replace("slug=parse", "slug=steal")
    await scene.github.create_issue(REPO, "mallory", "Steal", body)
    assert await hand(scene).read_sub_issues(scene.item) == (ours,)


async def test_a_project_has_one_comment(scene: Scene) -> None:
    """It is brought up to date, not written again."""
    post = ProjectPost(scene.item, "In one part.", (PARSING,))
    first = await hand(scene).write_project(post)
    again = replace(post, units=(replace(PARSING, status="done"),))
    assert await hand(scene).write_project(again) == first
    [comment] = scene.github.comments(REPO, 1)
    assert "1 of 1 parts done" in comment.body


async def test_a_projects_comment_that_no_read_shows_yet_is_edited(scene: Scene) -> None:
    """All that is read after the first look is from before it was written: the news goes into it all the same."""
    scene.github.faults.add(UNSEEN)
    post = ProjectPost(scene.item, "In one part.", (PARSING,))
    first = await hand(scene).write_project(post)
    again = replace(post, units=(replace(PARSING, status="done"),), comment_id=first)
    assert await hand(scene).write_project(again) == first
    [comment] = scene.github.comments(REPO, 1)
    assert "1 of 1 parts done" in comment.body
