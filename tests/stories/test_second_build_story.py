"""Work that is done again at once is another run, with a loop of its own."""

import anyio
from story_kit import PATIENCE_SECONDS, Story, script

RIGHT = script("echo right > answer.txt; echo 'STATUS: COMPLETE'")


async def test_a_build_right_after_another_has_a_loop_of_its_own(story: Story) -> None:
    """It takes over no worktree, no checkpoint and no entry in the ledger: its loop has another name."""
    number = await story.ask(RIGHT)
    await story.ending(number, "Done")
    await story.until_free(number)
    await story.github.comment(story.repository, number, "ada", "/aidp retry")
    loops = await _loops(story, 2)
    assert len(set(loops)) == 2


async def _loops(story: Story, count: int) -> list[str]:
    query = f"WorkflowType = 'WorkLoopWorkflow' AND WorkflowId STARTS_WITH 'loop:{story.repository.id}#'"
    with anyio.fail_after(PATIENCE_SECONDS):
        while len(found := [it.id async for it in story.temporal.list_workflows(query)]) < count:
            await anyio.sleep(0.2)
    return found
