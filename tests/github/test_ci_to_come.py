"""CI that has not told of itself yet: asked to begin, required, or of an App that never says anything."""

from dataclasses import replace

import pytest
from github_scene import REPO, Scene
from pull_scene import Pull, open_pull, powerful

from github_app.demo.github import AppRegistration
from github_app.demo.github.checks import Checks, Push
from github_app.demo.github.git import ZERO
from github_app.demo.github.world import LOCAL_CI
from workflows import ci
from workflows.model import CiVerdict

OTHER_CI = AppRegistration(99, "circle", "Circle", private_key_pem="", webhook_secret="", permissions={})


@pytest.fixture(scope="module")
def registration(registration: AppRegistration) -> AppRegistration:
    """Our App, with what this folder's stories need."""
    return powerful(registration)


@pytest.fixture
async def pull(scene: Scene) -> Pull:
    """Open a pull request without CI."""
    scene.github.add_user("circle[bot]")
    return await open_pull(scene)


def checks(pull: Pull, app: AppRegistration) -> Checks:
    """Check as an App does."""
    return Checks(pull.scene.github.world, pull.scene.repository, app)


async def queue(pull: Pull, app: AppRegistration, sha: str = "") -> int:
    """Open the suite of an App, as GitHub does at a push; return its id."""
    return (await checks(pull, app).open_suite(Push("", ZERO, sha or pull.sha))).id


async def report(pull: Pull, app: AppRegistration, sha: str = "") -> None:
    """Let an App say that all is well."""
    there = checks(pull, app)
    there.create(app.slug, await there.open_suite(Push("", ZERO, sha or pull.sha)), {"conclusion": "success"})


def end(pull: Pull, suite: int, conclusion: str) -> None:
    """Let a suite end without any check run."""
    suites = pull.scene.repository.check_suites
    suites[suite] = replace(suites[suite], status="completed", conclusion=conclusion)


async def verdict(pull: Pull) -> CiVerdict:
    """Judge."""
    return (await pull.ci.read_ci(pull.commit)).verdict


async def test_a_queued_run_of_actions_is_waited_for(pull: Pull) -> None:
    """Its jobs have no check runs before a runner takes them; what other CI says is not all."""
    await report(pull, OTHER_CI)
    assert await verdict(pull) is CiVerdict.GREEN
    await queue(pull, LOCAL_CI)
    assert await verdict(pull) is CiVerdict.PENDING
    await report(pull, LOCAL_CI)
    assert await verdict(pull) is CiVerdict.GREEN


@pytest.mark.parametrize(
    ("conclusion", "expected"),
    [
        ("startup_failure", CiVerdict.RED),
        ("action_required", CiVerdict.STUCK),
        ("cancelled", CiVerdict.NONE),
        ("success", CiVerdict.NONE),
    ],
)
async def test_a_run_of_actions_may_end_before_it_begins(pull: Pull, conclusion: str, expected: CiVerdict) -> None:
    """A workflow that is broken or waits for an approval has no check run that would say so."""
    end(pull, await queue(pull, LOCAL_CI), conclusion)
    assert await verdict(pull) is expected


async def test_an_app_that_never_reports_holds_up_nothing(pull: Pull) -> None:
    """GitHub opens a suite for every App that might report."""
    await queue(pull, OTHER_CI)
    assert await verdict(pull) is CiVerdict.NONE


async def test_an_app_that_reported_on_the_base_is_waited_for_with_a_limit(pull: Pull) -> None:
    """It will probably report here as well; should it not, the rest counts."""
    heads = await pull.scene.github.world.git(pull.scene.repository).refs("refs/heads/main")
    await report(pull, OTHER_CI, heads["refs/heads/main"])
    await report(pull, LOCAL_CI)
    await queue(pull, OTHER_CI)
    state = await pull.ci.read_ci(pull.commit)
    assert (state.verdict, ci.verdict(ci.begun(state.checks))) == (CiVerdict.PENDING, CiVerdict.GREEN)


async def test_the_protection_of_a_branch_asks_for_checks(pull: Pull) -> None:
    """The older way beside rulesets: it is shown to whoever may read the code."""
    await report(pull, OTHER_CI)
    pull.scene.repository.protected["main"] = ("circle", "deploy")
    state = await pull.ci.read_ci(pull.commit)
    assert {check.name: check.begun for check in state.checks} == {"circle": True, "deploy": False}
    assert state.verdict is CiVerdict.PENDING
    pull.scene.repository.protected["main"] = ("circle",)
    assert await verdict(pull) is CiVerdict.GREEN


async def test_protection_and_rules_ask_together(pull: Pull) -> None:
    """What either asks for is required; the rest is not."""
    for app in (OTHER_CI, LOCAL_CI):
        await report(pull, app)
    pull.scene.repository.protected["main"] = ("circle",)
    pull.scene.github.require_checks(REPO, "deploy")
    state = await pull.ci.read_ci(pull.commit)
    required = {check.name: check.required for check in state.checks}
    assert required == {"circle": True, "deploy": True, "github-actions": False}


async def test_a_protected_branch_that_asks_for_no_checks_requires_none(pull: Pull) -> None:
    """Then all checks count, as where there is no protection."""
    await report(pull, OTHER_CI)
    pull.scene.repository.protected["main"] = ()
    assert await verdict(pull) is CiVerdict.GREEN


async def test_a_queued_run_may_bring_what_is_missing(pull: Pull) -> None:
    """As long as Actions has not begun, a required check that nobody has heard of is no reason to go on without it."""
    await report(pull, OTHER_CI)
    pull.scene.github.require_checks(REPO, "circle", "deploy")
    await queue(pull, LOCAL_CI)
    state = await pull.ci.read_ci(pull.commit)
    assert ci.verdict(ci.begun(state.checks)) is CiVerdict.PENDING
