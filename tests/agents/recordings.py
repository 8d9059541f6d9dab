"""Finds the recorded output of real agent CLIs."""

from dataclasses import dataclass
from pathlib import Path

from activities.agents import PROVIDERS
from activities.agents.provider import Provider
from activities.process import Ended, Finished

RECORDINGS = Path(__file__).parent.parent / "fixtures/agent-cli"
BY_NAME: dict[str, Provider] = {provider.profile.name: provider for provider in PROVIDERS}


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded run: whose, in which situation, and how its process ended."""

    provider: str
    name: str
    exit_code: int = 0
    ended: Ended = Ended.EXITED

    @property
    def id(self) -> str:
        """Name it for a test report."""
        return f"{self.provider}/{self.name}"

    def finished(self) -> Finished:
        """Return the process as the provider would have found it."""
        file = RECORDINGS / self.provider / f"{self.name}.out"
        return Finished(self.ended, self.exit_code, file.read_bytes(), file.with_suffix(".err").read_bytes(), 12.0)


def recorded() -> set[str]:
    """Name every recording there is."""
    return {f"{file.parent.name}/{file.stem}" for file in RECORDINGS.glob("*/*.out")}
