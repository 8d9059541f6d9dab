"""Processes die, deliveries repeat themselves, Temporal goes away: there is one run, one comment, one pull request."""

from pathlib import Path

from fault_kit import Theatre
from story_kit import Story, script, until

from github_app.demo.github.webhooks import redeliver

RIGHT = "echo right > answer.txt; echo 'STATUS: COMPLETE'"


def counted(marks: Path, then: str = RIGHT) -> str:
    """Write an issue whose agent leaves a mark for every run of it."""
    return script(f"echo $$ >> {marks}; {then}")


def runs(marks: Path) -> list[int]:
    """Read the process ids of the agents that ran."""
    return [int(line) for line in marks.read_text().split()] if marks.exists() else []


async def test_a_worker_killed_while_the_agent_runs(theatre: Theatre, story: Story, tmp_path: Path) -> None:
    """The agent dies with its worker; a new worker repeats the iteration, and all is told once."""
    marks = tmp_path / "marks"
    number = await story.ask(counted(marks, f"test $(wc -l < {marks}) -gt 1 || sleep 300; {RIGHT}"))
    [agent] = await until(lambda: runs(marks))
    theatre.parts["work"].kill()
    await until(lambda: not Path(f"/proc/{agent}").exists())
    theatre.parts["work"].start()
    await story.ending(number, "Done")
    assert len(runs(marks)) == 2
    assert len(story.pull_requests()) == 1
    assert len(story.comments(number)) == 1


async def test_a_worker_stopped_while_the_agent_runs(theatre: Theatre, story: Story, tmp_path: Path) -> None:
    """A deploy stops the agent in order; the next worker repeats its iteration at once."""
    marks = tmp_path / "marks"
    number = await story.ask(counted(marks, f"test $(wc -l < {marks}) -gt 1 || sleep 300; {RIGHT}"))
    await until(lambda: runs(marks))
    assert theatre.parts["work"].stop() == 0
    theatre.parts["work"].start()
    await story.ending(number, "Done")
    assert len(story.pull_requests()) == 1


async def test_a_delivery_sent_ten_times_runs_once(theatre: Theatre, story: Story, tmp_path: Path) -> None:
    """Five copies one after the other and five at once, while it runs and after it: one run."""
    marks = tmp_path / "marks"
    number = await story.ask(counted(marks))
    labelled = await until(lambda: next((it for it in story.github.deliveries[::-1] if it.action == "labeled"), None))
    for _ in range(5):
        redeliver(story.github.world, labelled)
    await story.ending(number, "Done")
    for _ in range(5):
        redeliver(story.github.world, labelled)
    await story.github.settle()
    assert len([it for it in story.github.deliveries if it.guid == labelled.guid]) == 11
    assert len(runs(marks)) == 1
    assert len(story.pull_requests()) == 1
    assert len(story.comments(number)) == 1
    assert theatre.parts["serve"].stop() == 0
    theatre.parts["serve"].start()
    await theatre.until_door_answers()


async def test_a_webhook_without_temporal_is_refused_and_taken_later(
    theatre: Theatre, story: Story, tmp_path: Path
) -> None:
    """503 while Temporal is away; the same delivery, sent again, runs once on the same database."""
    marks = tmp_path / "marks"
    number = await story.open(counted(marks))
    await story.github.settle()
    await theatre.stop_temporal()
    await story.label(number)
    await story.github.settle()
    refused = story.github.deliveries[-1]
    assert (refused.action, refused.status_code) == ("labeled", 503)
    await theatre.start_temporal()
    await theatre.until_door_answers()
    redeliver(story.github.world, refused)
    await story.ending(number, "Done")
    assert len(runs(marks)) == 1
    assert len(story.pull_requests()) == 1
