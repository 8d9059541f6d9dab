"""`AIDP_BUDGET`: a limit that is not understood stops the start, it never limits nothing."""

import math
from pathlib import Path

import pytest

from activities.config_rules import Known
from activities.repo_config import RepoConfigError, parse
from github_app.settings import HostSettings, SettingsError, load
from workflows.limits import flaw_of_limit
from workflows.model import Budget, Limits

EXAMPLE = 'Set it to limits as JSON, such as {"run": {"usd": 5}, "day": {"usd": 50}}.'


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in an empty directory, where no `.env` is."""
    monkeypatch.chdir(tmp_path)


def test_a_budget_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is meant; without one nothing is limited."""
    monkeypatch.setenv("AIDP_BUDGET", '{"run": {"usd": 5, "iterations": 9}, "day": {"tokens": 1000}}')
    assert load(HostSettings).budget == Budget(run=Limits(iterations=9, usd=5), day=Limits(tokens=1000))
    monkeypatch.setenv("AIDP_BUDGET", "")
    assert load(HostSettings).budget == Budget()


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        (
            '{"run": {"dollars": 5}, "dya": {"usd": 3}}',
            (
                "`run.dollars` is not a known key; known are `iterations`, `minutes`, `tokens`, `usd`, "
                "and `dya` is not a known key; known are `run`, `issue`, `day`"
            ),
        ),
        ('{"run": {"usd": -5}}', "`run.usd` must be more than 0, not -5.0"),
        ('{"day": {"usd": 0}}', "`day.usd` must be more than 0, not 0.0"),
        ('{"issue": {"minutes": NaN}}', "`issue.minutes` must be a plain number, not nan"),
        ('{"run": {"usd": Infinity}}', "`run.usd` must be a plain number, not inf"),
        ('{"run": {"usd": "5"}}', "`run.usd` must be a number"),
        ('{"run": {"iterations": 1.5}}', "`run.iterations` must be a whole number"),
        ('{"run": 5}', "`run` must be a group of keys"),
        ("5", "it must be a group of keys"),
        ("{run: 5}", "it is not JSON"),
    ],
)
def test_a_budget_that_is_not_understood_is_refused(monkeypatch: pytest.MonkeyPatch, text: str, flaw: str) -> None:
    """Each flaw is named, with an example of what to set instead."""
    monkeypatch.setenv("AIDP_BUDGET", text)
    with pytest.raises(SettingsError) as told:
        load(HostSettings)
    assert str(told.value) == f"AIDP_BUDGET can not be used: {flaw}. {EXAMPLE}"


@pytest.mark.parametrize("limit", [-5, 0, math.nan, math.inf, -math.inf])
def test_what_can_not_be_a_limit(limit: float) -> None:
    """The operator's and the repository's budget keep to the same rule."""
    assert flaw_of_limit(limit)


def test_what_can_be_a_limit() -> None:
    """Anything above nothing, and none at all; a repository's budget is held to it, too."""
    assert [flaw_of_limit(limit) for limit in (None, 0.01, 5)] == ["", "", ""]
    with pytest.raises(RepoConfigError, match=r"`budget\.run\.usd` must be more than 0"):
        parse("budget: {run: {usd: 0}}", Known(("claude",)))
