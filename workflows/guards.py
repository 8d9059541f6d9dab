"""Which changes an agent may make. Pure."""

from dataclasses import dataclass

from workflows.model import Guards, StagedChange


@dataclass(frozen=True, slots=True)
class Violation:
    """A change that is not allowed; without a path it is about the change as a whole."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the guards say of a change."""

    violations: tuple[Violation, ...] = ()
    to_confirm: tuple[str, ...] = ()


def inspect(guards: Guards, change: StagedChange, approved: tuple[str, ...]) -> Verdict:
    """Judge a change."""
    del guards, change, approved
    return Verdict()


def tighten(current: Guards, wanted: Guards) -> Guards:
    """Never looser."""
    del wanted
    return current


def loosens(current: Guards, wanted: Guards) -> tuple[str, ...]:
    """Name fields that would get looser."""
    del current, wanted
    return ()


def feedback(violations: tuple[Violation, ...]) -> str:
    """Tell the agent."""
    return str(violations)
