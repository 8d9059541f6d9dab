"""The few fields we read of what GitHub says of a commit's CI as a whole."""

from dataclasses import dataclass

from activities.github.answers import App


@dataclass(frozen=True, slots=True)
class CheckSuiteAnswer:
    """The check runs of one App for one commit."""

    status: str | None = None
    conclusion: str | None = None
    latest_check_runs_count: int = 0
    app: App | None = None

    @property
    def slug(self) -> str:
        """The App's name in addresses."""
        return self.app.slug if self.app else ""


@dataclass(frozen=True, slots=True)
class SuiteId:
    """Which check suite."""

    id: int


@dataclass(frozen=True, slots=True)
class RunOfSuite:
    """A check run, by the suite it belongs to."""

    check_suite: SuiteId


@dataclass(frozen=True, slots=True)
class CheckSuites:
    """A page of check suites."""

    check_suites: tuple[CheckSuiteAnswer, ...]


@dataclass(frozen=True, slots=True)
class RequiredCheck:
    """A check that a merge waits for, perhaps of one App only."""

    context: str
    integration_id: int | None = None


@dataclass(frozen=True, slots=True)
class RuleParameters:
    """What a rule of a branch is about."""

    required_status_checks: tuple[RequiredCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a branch."""

    type: str
    parameters: RuleParameters | None = None


@dataclass(frozen=True, slots=True)
class ProtectedCheck:
    """A check that the protection of a branch asks for, perhaps of one App only."""

    context: str
    app_id: int | None = None


@dataclass(frozen=True, slots=True)
class ProtectedChecks:
    """The checks that the protection of a branch asks for; older GitHubs know them by name only."""

    contexts: tuple[str, ...] = ()
    checks: tuple[ProtectedCheck, ...] = ()
    enforcement_level: str = ""


@dataclass(frozen=True, slots=True)
class Protection:
    """The protection of a branch, as far as whoever may read the code is shown it."""

    required_status_checks: ProtectedChecks | None = None


@dataclass(frozen=True, slots=True)
class BranchAnswer:
    """A branch."""

    protection: Protection | None = None
