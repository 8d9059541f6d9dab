"""The worker dies while a project is cut, opened and built: there is one of everything in the end."""

from dataclasses import replace

import anyio
from fault_kit import Theatre
from project_kit import FILES, begun, part
from story_kit import PERSON, Story, until


async def test_a_worker_killed_again_and_again_opens_nothing_twice(theatre: Theatre, story: Story) -> None:
    """Killed while issues are opened and while parts are built: one issue, one pull request, one comment for each."""
    repository = theatre.github.add_repository("acme", "parts", files=FILES)
    theatre.github.set_permission(repository, PERSON, "write")
    story = replace(story, repository=repository)
    project = await begun(story, part("cli", "core"), part("core"), part("docs"))
    for seen in (lambda: project.issue("core"), lambda: project.proposed("core"), lambda: project.proposed("docs")):
        await until(seen)
        theatre.parts["work"].kill()
        await anyio.sleep(0.2)
        theatre.parts["work"].start()
    await story.ending(project.number, "all 3 parts are done")
    assert all(project.issue(slug) and project.proposed(slug) for slug in ("core", "cli", "docs"))
    assert "3 of 3" in project.board
    assert len(repository.issues) == 7
