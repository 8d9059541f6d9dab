"""The agents that `AIDP_AGENTS` names: whether there are such, and whether this host has them."""

import difflib
import shutil
from collections.abc import Iterator

from activities.agents import PROVIDERS, providers
from github_app.hands import agent_settings
from github_app.settings import HostSettings, Role, SettingsError
from github_app.terminal import Say

NAMES = tuple(provider.profile.name for provider in PROVIDERS)
COMMAND = "command"
LIKENESS = 0.6
"""Names of agents are short, so that one wrong letter is more of them than of a variable."""


def check_agents(settings: HostSettings, role: Role, say: Say) -> None:
    """Say which agents this host does not have; raises `SettingsError` when there can be no such agent."""
    check_names(settings)
    if role is Role.DECIDE:  # it runs none
        return
    if COMMAND in settings.agents and not settings.agent_command:
        what = HostSettings.model_fields["agent_command"].description
        raise SettingsError(f"AIDP_AGENT_COMMAND is not set, but AIDP_AGENTS names {COMMAND}. Set it to {what}.")
    for name in _absent(settings):
        say("agents", f"{name} is not installed on this host. `aidp agents` shows what it needs")


def check_names(settings: HostSettings) -> None:
    """Raise a `SettingsError` that names everything in `AIDP_AGENTS` that is no agent."""
    if unknown := [name for name in settings.agents if name not in NAMES]:
        raise SettingsError(
            "\n".join(f"AIDP_AGENTS names {name}, which is no agent. {_meant(name)}" for name in unknown)
        )


def _meant(name: str) -> str:
    guess = difflib.get_close_matches(name, NAMES, n=1, cutoff=LIKENESS)
    return f"Did you mean {guess[0]}?" if guess else f"Choose of {', '.join(NAMES)}."


def _absent(settings: HostSettings) -> Iterator[str]:
    agents = agent_settings(settings)
    for profile in (provider.profile for provider in providers(agents.command)):
        if profile.name in settings.agents and not shutil.which(profile.binary, path=agents.path):
            yield profile.name
