"""Work that is done again at once is another run, with a loop and a check run of its own."""

import anyio
from pull_kit import first_pull
from story_kit import PATIENCE_SECONDS, Story, script, until

from github_app.demo.github import Edit
from github_app.demo.github.faults import Fault, Kind, When, Where

RIGHT = script("echo right > answer.txt; echo 'STATUS: COMPLETE'")


async def test_a_build_right_after_another_has_a_loop_of_its_own(story: Story) -> None:
    """It takes over no worktree, no checkpoint and no entry in the ledger: its loop has another name."""
    number = await story.ask(RIGHT)
    await story.ending(number, "Done")
    await story.until_free(number)
    await story.github.comment(story.repository, number, "ada", "/aidp retry")
    loops = await _loops(story, 2)
    assert len(set(loops)) == 2


async def test_another_build_has_its_check_run_on_what_it_has_pushed(story: Story) -> None:
    """Not on what GitHub still shows of the pull request, whose text is a person's by now and is not written again."""
    number = await story.ask(script("echo right >> answer.txt; echo 'STATUS: COMPLETE'"))
    await story.ending(number, "Done")
    await story.until_free(number)
    pull = await first_pull(story)
    first = pull.head_sha
    await story.github.edit_issue(story.repository, pull.number, Edit(body="In my own words."))
    pulls = f"/repos/{story.repository.full_name}/pulls$"
    behind = Fault(Kind.PUSH_UNSEEN, Where("GET", pulls), When(count=None))
    story.github.faults.add(behind)
    await story.say(number, "/aidp retry")
    await until(lambda: pull.head_sha != first)
    await story.ending(number, "Done")
    await story.until_free(number)
    story.github.faults.withdraw(behind)
    assert _checked(story, number) == [first, pull.head_sha]


def _checked(story: Story, number: int) -> list[str]:
    """List the commits on which builds of an issue have a check run."""
    ours = f"build:{story.repository.id}#{number}/"
    return [run.head_sha for run in story.repository.check_runs.values() if (run.external_id or "").startswith(ours)]


async def _loops(story: Story, count: int) -> list[str]:
    query = f"WorkflowType = 'WorkLoopWorkflow' AND WorkflowId STARTS_WITH 'loop:{story.repository.id}#'"
    with anyio.fail_after(PATIENCE_SECONDS):
        while len(found := [it.id async for it in story.temporal.list_workflows(query)]) < count:
            await anyio.sleep(0.2)
    return found
