"""Where the stories of this folder play: a repository on a local GitHub, and our hand on it."""

from dataclasses import dataclass
from pathlib import Path

from activities.github import GitHubActivities
from activities.github.client import InstallationClients
from github_app.demo.github import LocalGitHub, Repository
from workflows.model import Item, Source

REPO = "acme/calc"
MANIFEST = Path(__file__).parents[2] / "manifest.yml"


@dataclass(frozen=True, slots=True)
class Scene:
    """The local GitHub, a repository in it with issue 1, and our hand on it."""

    github: LocalGitHub
    repository: Repository
    item: Item
    clients: InstallationClients
    activities: GitHubActivities

    @property
    def source(self) -> Source:
        """The repository, as those who need code ask for it."""
        return Source(self.item.installation_id, self.item.repository_id)

    @property
    def writes(self) -> list[str]:
        """What the App changed, in order."""
        changes = [call for call in self.github.calls if call.actor == "installation" and call.method != "GET"]
        return [f"{call.method} {call.path.removeprefix(f'/repos/{REPO}')}" for call in changes]
