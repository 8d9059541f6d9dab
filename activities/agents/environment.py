"""What an agent gets to see of the worker: an environment built from a list of allowed names, and a HOME of its own.

HOME is a new folder for every run. Of the worker's real HOME only the provider's `home_files` are linked into it, so
that a login stays one login: a CLI that renews its token writes through the link, or replaces the link, and then the
new file is carried back. This keeps an agent from settings and keys that it has no business with; it is no prison.
Whoever does not trust the agent with the worker's user gives the worker a user, or a container, of its own.
"""

import contextlib
import re
import shutil
import tempfile
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread

from activities.agents.provider import Profile

FORBIDDEN = re.compile(r"(AIDP|TEMPORAL|GITHUB|GH)_.*|.*PRIVATE_KEY.*", re.IGNORECASE)
"""Never passed, not even if the operator names it: these open the server, Temporal or GitHub."""
INHERITED = ("PATH", "LANG", "LC_ALL", "TZ")
FIXED = {
    "TERM": "dumb",
    "NO_COLOR": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_EDITOR": "true",
    "GIT_SSH_COMMAND": "false",  # ssh takes its keys from the user's real home, whatever HOME says
    "GIT_AUTHOR_NAME": "aidp",
    "GIT_AUTHOR_EMAIL": "aidp@localhost",
    "GIT_COMMITTER_NAME": "aidp",
    "GIT_COMMITTER_EMAIL": "aidp@localhost",
}
DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """What the operator decides about agents."""

    command: str = ""
    """Command line of the provider `command`."""
    extra_env: tuple[str, ...] = ()
    """Names of further variables that every agent may see."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    """The worker's own environment, to choose from."""
    slots: int = 4
    """How many agents run at once on this host; the others wait."""
    breakers: Path | None = None
    """Folder of the providers' breakers; none without it."""

    @property
    def path(self) -> str:
        """Where programs are looked for."""
        return self.environment.get("PATH", DEFAULT_PATH)


def secrets_of(profile: Profile, settings: AgentSettings) -> dict[str, str]:
    """Choose those of the provider's own variables that are set."""
    return _chosen(profile.variables, settings)


def environment_of(profile: Profile, settings: AgentSettings, home: Path) -> dict[str, str]:
    """Build the whole environment of an agent."""
    return {
        "PATH": settings.path,
        "LANG": "C.UTF-8",
        **_chosen((*INHERITED, *settings.extra_env), settings),
        **secrets_of(profile, settings),
        **FIXED,
        "HOME": str(home),
    }


@contextlib.asynccontextmanager
async def private_home(profile: Profile, settings: AgentSettings, parent: Path) -> AsyncGenerator[Path]:
    """Make the HOME of one run inside `parent`, and throw it away after the run."""
    home = Path(tempfile.mkdtemp(prefix="home-", dir=parent))
    links = {home / file: login for file, login in logins(profile, settings).items()}
    for link, login in links.items():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(login)
    try:
        yield home
    finally:
        _carry_back(links)
        with anyio.CancelScope(shield=True):  # off the event loop: an agent may have filled it with caches
            await anyio.to_thread.run_sync(partial(shutil.rmtree, home, ignore_errors=True))


def logins(profile: Profile, settings: AgentSettings) -> dict[str, Path]:
    """Find those of the provider's files that exist in the worker's HOME."""
    real = settings.environment.get("HOME")
    files = {file: Path(real, file) for file in profile.home_files} if real else {}
    return {file: path for file, path in files.items() if path.is_file()}


def _carry_back(links: Mapping[Path, Path]) -> None:
    for link, login in links.items():
        if link.is_file() and not link.is_symlink():
            shutil.copyfile(link, login)


def _chosen(names: tuple[str, ...], settings: AgentSettings) -> dict[str, str]:
    allowed = [name for name in names if settings.environment.get(name) and not FORBIDDEN.fullmatch(name)]
    return {name: settings.environment[name] for name in allowed}
