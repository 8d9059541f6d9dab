"""Looks at which agents this host can run, and what the others need: the material of `aidp agents`."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from activities import process
from activities.agents import providers
from activities.agents.environment import AgentSettings, environment_of, logins, secrets_of
from activities.agents.failures import last_line
from activities.agents.provider import Profile

LONGEST_VERSION = 80
VERSION_SECONDS = 15


@dataclass(frozen=True, slots=True)
class AgentStatus:
    """What is known of one agent on this host."""

    name: str
    binary: str
    path: str = ""
    """Empty if it is not installed."""
    version: str = ""
    can_authenticate: bool | None = None
    """None: only a run would tell."""
    authentication: str = ""
    """Where its login was found."""
    needs: str = ""
    """What a person has to do before it can run; empty if nothing."""


async def inspect_agents(settings: AgentSettings) -> list[AgentStatus]:
    """Look at every provider, in their order; nothing is sent to any model."""
    return [await _inspect(provider.profile, settings) for provider in providers(settings.command)]


async def _inspect(profile: Profile, settings: AgentSettings) -> AgentStatus:
    path = shutil.which(profile.binary, path=settings.path) if profile.binary else None
    if not path:
        return AgentStatus(profile.name, profile.binary, needs=f"{profile.install}; then {profile.login}")
    found = _authentication(profile, settings)
    knows = bool(profile.keys or profile.home_files)
    return AgentStatus(
        name=profile.name,
        binary=profile.binary,
        path=path,
        version=await _version(profile, settings),
        can_authenticate=bool(found) if knows else None,
        authentication=found,
        needs="" if found or not knows else profile.login,
    )


def _authentication(profile: Profile, settings: AgentSettings) -> str:
    """Name the first variable or file that holds a login."""
    variables = secrets_of(profile, settings)
    set_keys = [name for name in profile.keys if variables.get(name)]
    files = [f"~/{file}" for file in logins(profile, settings)]
    return next(iter(set_keys + files), "")


async def _version(profile: Profile, settings: AgentSettings) -> str:
    if profile.name == "command":
        return ""  # a program of the operator's need not know `--version`, and may take it for a task
    with tempfile.TemporaryDirectory(prefix="home-") as name:
        home = Path(name)
        finished = await process.run(
            process.Command(
                argv=(profile.binary, "--version"),
                cwd=home,
                env=environment_of(profile, settings, home),
                wall_seconds=VERSION_SECONDS,
            )
        )
    return last_line(finished.stdout)[:LONGEST_VERSION] if finished.exit_code == 0 else ""
