"""The real claude, if it is installed; every story has a worktree of its own."""

from pathlib import Path

import pytest
from claude_scene import ClaudeScene, installed_claude
from scripted_model import Says, answering, in_order


@pytest.fixture(scope="session")
async def claude(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Find claude and start it once: the first time takes seconds, which a story with a watchdog would notice."""
    program = installed_claude()
    if program is None:
        pytest.skip("Claude Code is not installed. To run these stories: make test-agents")
    scene = ClaudeScene(program, tmp_path_factory.mktemp("first"))
    scene.prepare()
    async with answering(in_order(Says("Hello."))) as model:
        await scene.run(model)
    return program


@pytest.fixture
def scene(claude: Path, tmp_path: Path) -> ClaudeScene:
    """Prepare a workspace."""
    scene = ClaudeScene(claude, tmp_path)
    scene.prepare()
    return scene
