"""The worker dies while a project is opened: there is one of everything in the end."""

from dataclasses import replace

from fault_kit import Theatre
from project_kit import FILES, begun, part
from story_kit import PERSON, Story, until


async def test_a_worker_killed_while_it_opens_issues_opens_none_twice(theatre: Theatre, story: Story) -> None:
    """It dies when the first issue is there and nobody has written that down: one of everything in the end."""
    repository = theatre.github.add_repository("acme", "parts", files=FILES)
    theatre.github.set_permission(repository, PERSON, "write")
    story = replace(story, repository=repository)
    project = await begun(story, part("cli", "core"), part("core"), part("docs"))
    await until(lambda: project.issue("core"))
    theatre.parts["work"].kill()
    theatre.parts["work"].start()
    await project.proposal("docs")
    await story.ending(project.number, "all 3 parts are done")
    assert all(project.issue(slug) and project.proposed(slug) for slug in ("core", "cli", "docs"))
    assert "3 of 3" in project.board
    assert len(repository.issues) == 7
