"""The real claude in a worktree, on a host that reaches no other model than the story's."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from scripted_model import ScriptedModel
from temporal_kit import temporal_server
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.agents.claude import Claude
from activities.agents.environment import AgentSettings
from activities.agents.runner import AgentActivities
from github_app.settings import JobsSettings
from github_app.worker import working
from workflows.model import AgentResult, AgentTask, Source, Workspace

CARRIER = "claude_agent_sdk"
"""The package that has the program in it; nothing else of it is used."""
KEY = "a-key-of-this-story-alone"


def installed_claude() -> Path | None:
    """Find the claude that `make test-agents` installs; a person's own is left alone."""
    package = importlib.util.find_spec(CARRIER)
    places = (package.submodule_search_locations if package else None) or ()
    folders = [str(Path(place, "_bundled")) for place in places]
    found = shutil.which("claude", path=os.pathsep.join(folders)) if folders else None
    return Path(found) if found else None


def with_claude(claude: Path) -> str:
    """Write a PATH on which claude comes first."""
    return f"{claude.parent}{os.pathsep}{os.environ['PATH']}"


@dataclass(frozen=True, slots=True)
class ClaudeScene:
    """A workspace with a prompt, for one run of the activity."""

    claude: Path
    root: Path
    extra: Mapping[str, str] = field(default_factory=dict[str, str])
    """What else is in the worker's environment."""
    model: str = ""
    """The model to ask for by name."""

    @property
    def directory(self) -> Path:
        """The workspace."""
        return self.root / "workspace"

    @property
    def tree(self) -> Path:
        """The worktree."""
        return self.directory / "tree"

    @property
    def prompt(self) -> Path:
        """The prompt's file."""
        return self.directory / "prompts/1.md"

    def prepare(self, prompt: str = "Write the greeting.\n") -> None:
        """Make the workspace, and a HOME for the operator that has no login in it."""
        for folder in (self.tree, self.prompt.parent, self.root / "operator"):
            folder.mkdir(parents=True, exist_ok=True)
        self.prompt.write_text(prompt)

    def write(self, path: str, text: str) -> None:
        """Put a file into the worktree."""
        file = self.tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def activities(self, model: ScriptedModel) -> AgentActivities:
        """Set up a host whose claude asks this model."""
        own = {"PATH": with_claude(self.claude), "HOME": str(self.root / "operator")}
        login = {"ANTHROPIC_BASE_URL": model.url, "ANTHROPIC_API_KEY": KEY}
        return AgentActivities(AgentSettings(environment={**own, **login, **self.extra}))

    def task(self, idle: int = 30) -> AgentTask:
        """Ask for one run."""
        workspace = Workspace("loop", Source(), "queue", str(self.directory), "aidp/1", "main", "a", "a")
        return AgentTask(workspace, 1, str(self.prompt), "claude", self.model, 60, idle)

    async def run(self, model: ScriptedModel) -> AgentResult:
        """Run the activity."""
        return await ActivityEnvironment().run(self.activities(model).run_agent, self.task())

    async def failure(self, model: ScriptedModel, idle: int = 30) -> ApplicationError:
        """Run the activity, and see it fail."""
        with pytest.raises(ApplicationError) as caught:
            await ActivityEnvironment().run(self.activities(model).run_agent, self.task(idle))
        return caught.value

    def log(self) -> str:
        """Read everything that claude has printed."""
        return (self.directory / "logs/iteration-1-agent-claude.log").read_text()

    def leftovers(self) -> list[str]:
        """List what lies in the workspace beside what belongs there."""
        return sorted({file.name for file in self.directory.iterdir()} - {"tree", "prompts", "answers", "logs"})


@asynccontextmanager
async def host(claude: Path, root: Path, model: ScriptedModel) -> AsyncGenerator[Client]:
    """Run a Temporal and a worker whose only agent is claude, for as long as the block lasts."""
    root.mkdir()
    with pytest.MonkeyPatch.context() as environment:
        for name in Claude.profile.variables:  # a person's own login is none of the model's business
            environment.delenv(name, raising=False)
        environment.setenv("PATH", with_claude(claude))
        environment.setenv("HOME", str(root))
        environment.setenv("ANTHROPIC_BASE_URL", model.url)
        environment.setenv("ANTHROPIC_API_KEY", KEY)
        settings = JobsSettings(state_dir=root / "state", host_id="real", agents=("claude",))
        async with temporal_server(root) as client, working(client, settings):
            yield client


@dataclass(frozen=True, slots=True)
class Project:
    """A local repository that a person has."""

    directory: Path

    def prepare(self, files: Mapping[str, str]) -> None:
        """Make it, with one commit."""
        for name, text in files.items():
            path = self.directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("add", "--all")
        self.git("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "--quiet", "--message=Begin")

    def git(self, *arguments: str) -> str:
        """Run git the way a person does."""
        done = subprocess.run(("git", *arguments), cwd=self.directory, check=True, capture_output=True, text=True)
        return done.stdout.strip()


def alive(pid: str) -> bool:
    """Tell whether a process is there and no mere zombie."""
    try:
        return Path("/proc", pid, "stat").read_text().rpartition(") ")[2][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
