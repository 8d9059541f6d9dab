"""Where the stories about pull requests play: a pull request on the local GitHub, and our two hands on it."""

from dataclasses import dataclass, replace

from github_scene import REPO, Scene

from activities.github.ci_activities import CiActivities
from activities.github.pull_request_activities import PullRequestActivities
from github_app.demo.github import AppRegistration, Issue, PullDraft
from workflows.model import Commit, Item

CODE = "def add(a, b):\n    return a + b\n\n\ndef div(a, b):\n    return a / b\n"
MORE = {"actions": "write", "checks": "write", "statuses": "read"}


def powerful(registration: AppRegistration) -> AppRegistration:
    """Let the App do what pull requests and CI need."""
    return replace(registration, permissions={**registration.permissions, **MORE})


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request of grace, who may read, to the repository of acme."""

    scene: Scene
    number: int
    sha: str
    hand: PullRequestActivities
    ci: CiActivities

    @property
    def item(self) -> Item:
        """Its address."""
        return replace(self.scene.item, number=self.number)

    @property
    def commit(self) -> Commit:
        """Its newest commit, on the way to `main`."""
        return Commit(self.item, self.sha, "main")

    @property
    def issue(self) -> Issue:
        """What GitHub has of it."""
        return self.scene.github.issue(REPO, self.number)


async def open_pull(scene: Scene, *, draft: bool = False) -> Pull:
    """Let grace open one."""
    sha = await scene.github.push(REPO, "div", {"calc.py": CODE}, by="grace")
    wanted = PullDraft("Divide", "div", "main", "Division.", draft=draft)
    opened = await scene.github.open_pull_request(REPO, wanted, by="grace")
    return Pull(scene, opened.number, sha, PullRequestActivities(scene.clients), CiActivities(scene.clients))
