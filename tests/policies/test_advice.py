"""Nobody is told to put a label on who never had one."""

import pytest
from temporalio.exceptions import ApplicationError, FailureError

from workflows.advice import AT_A_TERMINAL, ON_GITHUB, Advisor, advisor_for
from workflows.failures import ADVICE, failed_outcome
from workflows.model import Failure, Source


def failed(kind: str) -> FailureError:
    """Make the error of a step that failed so."""
    error = FailureError("the step failed")
    error.__cause__ = ApplicationError("why", type=kind)
    return error


def test_who_started_the_work_decides() -> None:
    """A local repository means a job, anything else an issue."""
    assert advisor_for(Source(project_dir="/srv/project")) is AT_A_TERMINAL
    assert advisor_for(Source(installation_id=1, repository_id=2)) is ON_GITHUB


@pytest.mark.parametrize("kind", [*Failure, "SomethingElse"])
@pytest.mark.parametrize("advisor", [ON_GITHUB, AT_A_TERMINAL])
def test_every_failure_says_how_to_go_on(kind: str, advisor: Advisor) -> None:
    """In the words of whoever reads it, with a capital at the beginning, and no gap left open."""
    advice = failed_outcome(failed(kind), advisor).advice
    assert advisor.again in advice.lower()
    assert ("label" in advice) is (advisor is ON_GITHUB)
    assert advice[0].isupper()
    assert "{" not in advice


def test_there_is_advice_for_every_failure() -> None:
    """None is forgotten."""
    assert set(ADVICE) == set(Failure)
