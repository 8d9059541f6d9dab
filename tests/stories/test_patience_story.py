"""People who do not answer: they are reminded, and what waits for them is put away in the end."""

from collections.abc import Callable
from datetime import timedelta

from inline_snapshot import snapshot
from story_kit import FILES, Story, script, shown, until
from temporal_kit import pass_time

ASKING = (
    """@plan\necho '{"summary": "Write it.", "tasks": [{"title": "Write"}], "questions": ["Right or left?"]}'\n@end\n"""
)
CONFIG = FILES[".aidp/aidp.yml"].replace("first: false", "first: false, remind_hours: 1, close_hours: 48")


async def test_who_does_not_answer_is_reminded_until_the_plan_is_put_away(begin: Callable[..., Story]) -> None:
    """A first time when the repository says, then once a day; the end is told, and says how to begin again."""
    story = begin({**FILES, ".aidp/aidp.yml": CONFIG})
    number = await story.open(ASKING + script("exit 1"))
    await story.label(number, label="aidp-plan")
    await until(lambda: "answers to the plan's questions" in story.status(number))
    planning = f"plan:{story.repository.id}#{number}"
    await pass_time(story.temporal, planning, timedelta(hours=2))
    await until(lambda: reminders(story, number) == 1)
    await pass_time(story.temporal, planning, timedelta(hours=47))
    status = await story.ending(number, "Cancelled")
    assert shown(status) == snapshot("""\
⏹️ **Cancelled** · plan · 48h 0m · command

nobody answered for 2 days

**What you can do:** Put the label on again whenever you like; the plan stays where it is.\
""")
    assert shown(story.comments(number)[-1]) == snapshot("""\
@ada The plan still waits for answers to the plan's questions: reply here, or `/aidp answer 1 …` (triage permission). \
It is put away on DATE.\
""")
    assert "put away: nobody answered for 2 days" in await story.answered(number, "Write it.")
    assert reminders(story, number) == 2


def reminders(story: Story, number: int) -> int:
    """Count the notes that remind somebody."""
    return sum("still waits for answers" in text for text in story.comments(number))
