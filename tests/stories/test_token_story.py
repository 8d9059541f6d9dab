"""A token that GitHub does not take from git costs a moment, not the work."""

from story_kit import Story, script

from github_app.demo.github.faults import Fault, Kind, When, Where

RIGHT = "echo right > answer.txt; echo 'Wrote the answer.'; echo 'STATUS: COMPLETE'"


async def test_work_whose_first_push_is_refused_becomes_a_pull_request(story: Story) -> None:
    """The agent has worked once and is paid once; the checkpoint is pushed a moment later, and all is there once."""
    shown = Where("GET", rf"/{story.repository.full_name}\.git/info/refs$")
    refused = Fault(Kind.TOKEN_EXPIRED, shown, When(nth=3))  # after the listing and the fetch that open the workspace
    story.github.faults.add(refused)
    number = await story.ask(script(RIGHT, "exit 1"))
    status = await story.ending(number, "Done")
    assert story.github.faults.withdraw(refused) == 1
    assert "Iteration 1 of 4" in status
    [pull_request] = story.pull_requests()
    assert pull_request.pull
    assert await story.file(pull_request.pull.head, "answer.txt") == "right\n"
    git = f"/{story.repository.full_name}.git/git-receive-pack"
    calls = [call for call in story.github.calls if call.path == git]
    assert [call.status for call in calls] == [200, 200, 200]  # the checkpoint, the branch, and the checkpoint's end
