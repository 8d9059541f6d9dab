"""Other people's CI: what it says, what it prints, and running it again."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from github_scene import REPO, Scene
from pull_scene import Pull, open_pull, powerful

from github_app.demo.github import AppRegistration
from github_app.demo.github.checks import Checks, Push
from github_app.demo.github.faults import Fault, Kind, Where
from github_app.demo.github.git import ZERO
from github_app.demo.github.world import LOCAL_CI
from workflows import ci
from workflows.model import CheckRunReport, CiCheck, CiLogRequest, CiState, CiVerdict

FAILING = "echo 'E   assert 1 == 2'; exit 3"


@pytest.fixture(scope="module")
def registration(registration: AppRegistration) -> AppRegistration:
    """Our App, with what this folder's stories need."""
    return powerful(registration)


async def pull_with_ci(scene: Scene, command: str | None, *, flaky: bool = False) -> Pull:
    """Open a pull request whose CI has run."""
    scene.github.world.repositories[scene.repository.id] = replace(scene.repository, ci=command, flaky=flaky)
    pull = await open_pull(scene)
    await scene.github.settle()
    return pull


async def set_status(pull: Pull, state: str, context: str = "jenkins") -> None:
    """Let some CI outside of GitHub give the commit a status."""
    values = {"state": state, "context": context, "description": f"It is {state}", "target_url": "https://ci.example"}
    await Checks(pull.scene.github.world, pull.scene.repository, LOCAL_CI).set_status(pull.sha, values)


async def check(pull: Pull, name: str, **values: object) -> int:
    """Let a check run appear on the commit that belongs to no run of GitHub Actions; return its id."""
    checks = Checks(pull.scene.github.world, pull.scene.repository, LOCAL_CI)
    return checks.create(name, await checks.open_suite(Push("", ZERO, pull.sha)), dict(values)).id


def told(state: CiState) -> Mapping[str, str]:
    """Return each check's conclusion."""
    return {check.name: check.conclusion for check in state.checks}


def logs(pull: Pull, state: CiState) -> CiLogRequest:
    """Ask about what failed."""
    return CiLogRequest(pull.commit, ci.failed(state.checks))


# --- reading ----------------------------------------------------------------------------------------------------------


async def test_without_checks_there_is_no_verdict(scene: Scene) -> None:
    """A repository may have no CI at all."""
    pull = await pull_with_ci(scene, None)
    assert await pull.ci.read_ci(pull.commit) == CiState(pull.sha, (), CiVerdict.NONE)


async def test_green_ci_is_read(scene: Scene) -> None:
    """A job of GitHub Actions is known by its run, its job and its check run."""
    pull = await pull_with_ci(scene, "true")
    state = await pull.ci.read_ci(pull.commit)
    [job] = scene.repository.jobs.values()
    [found] = state.checks
    assert state.verdict is CiVerdict.GREEN
    assert (found.name, found.conclusion, found.required) == ("test", "success", True)
    assert (found.run, found.job, found.check_run) == (job.run_id, job.id, job.id)


async def test_our_own_check_run_is_left_out(scene: Scene) -> None:
    """We do not wait for ourselves."""
    pull = await pull_with_ci(scene, "true")
    await pull.hand.write_check_run(CheckRunReport(pull.item, pull.sha, "review:1", "Reviewing"))
    state = await pull.ci.read_ci(pull.commit)
    assert (told(state), state.verdict) == ({"test": "success"}, CiVerdict.GREEN)


@pytest.mark.parametrize(
    ("state", "conclusion", "verdict"),
    [
        ("success", "success", CiVerdict.GREEN),
        ("pending", "", CiVerdict.PENDING),
        ("failure", "failure", CiVerdict.RED),
        ("error", "failure", CiVerdict.RED),
    ],
)
async def test_statuses_count_as_checks(scene: Scene, state: str, conclusion: str, verdict: CiVerdict) -> None:
    """What other CI says in the older way is translated; the newest word of each counts."""
    pull = await pull_with_ci(scene, None)
    await set_status(pull, "pending")
    await set_status(pull, state)
    assert await pull.ci.read_ci(pull.commit) == CiState(
        pull.sha,
        (CiCheck("jenkins", conclusion, url="https://ci.example", summary=f"It is {state}"),),
        verdict,
    )


async def test_only_required_checks_make_it_red(scene: Scene) -> None:
    """Where a rule says what a merge waits for, other failures are told but do not count."""
    pull = await pull_with_ci(scene, "true")
    await set_status(pull, "failure", "nightly")
    assert (await pull.ci.read_ci(pull.commit)).verdict is CiVerdict.RED
    scene.github.require_checks(REPO, "test")
    state = await pull.ci.read_ci(pull.commit)
    assert (told(state), state.verdict) == ({"nightly": "failure", "test": "success"}, CiVerdict.GREEN)
    assert [check.required for check in state.checks] == [False, True]


async def test_what_is_required_and_has_not_begun_is_waited_for(scene: Scene) -> None:
    """A check that a merge waits for is missing: that is no green, until somebody decides not to wait."""
    pull = await pull_with_ci(scene, "true")
    scene.github.require_checks(REPO, "test", "deploy")
    state = await pull.ci.read_ci(pull.commit)
    assert (told(state), state.verdict) == ({"deploy": "", "test": "success"}, CiVerdict.PENDING)
    assert ci.verdict(ci.begun(state.checks)) is CiVerdict.GREEN


async def test_a_required_check_may_be_a_status(scene: Scene) -> None:
    """A rule may ask for the check of one App; a status does not say whose it is, and counts by its name."""
    pull = await pull_with_ci(scene, None)
    scene.github.require_checks(REPO, "test")
    await set_status(pull, "failure", "test")
    state = await pull.ci.read_ci(pull.commit)
    assert ([check.required for check in state.checks], state.verdict) == ([True], CiVerdict.RED)


async def test_where_rules_can_not_be_read_all_checks_count(scene: Scene) -> None:
    """Private repositories of some plans have no rules: GitHub refuses to list them, and nothing fails."""
    pull = await pull_with_ci(scene, "false")
    scene.github.faults.add(Fault(Kind.NOT_FOUND_YET, Where("GET", "/rules/")))
    assert (await pull.ci.read_ci(pull.commit)).verdict is CiVerdict.RED


async def test_many_checks_are_all_judged(scene: Scene) -> None:
    """The one failure among two hundred is found, and stands first in what is kept of them."""
    pull = await pull_with_ci(scene, None)
    for number in range(200):
        await check(pull, f"shard {number}", conclusion="failure" if number == 3 else "success")
    state = await pull.ci.read_ci(pull.commit)
    assert (len(state.checks), state.checks[0].name, state.verdict) == (100, "shard 3", CiVerdict.RED)


# --- logs -------------------------------------------------------------------------------------------------------------


async def test_a_failed_job_tells_why(scene: Scene) -> None:
    """Its log comes from where GitHub keeps it, without times; our token goes to GitHub alone."""
    pull = await pull_with_ci(scene, FAILING)
    [log] = await pull.ci.read_ci_logs(logs(pull, await pull.ci.read_ci(pull.commit)))
    assert log.name == "test"
    assert "E   assert 1 == 2" in log.text.splitlines()
    assert "Z " not in log.text


async def test_an_expired_log_leaves_what_the_check_run_says(scene: Scene) -> None:
    """GitHub deletes logs after some months; the check run's own words stay."""
    pull = await pull_with_ci(scene, FAILING)
    state = await pull.ci.read_ci(pull.commit)
    scene.repository.jobs.clear()
    [log] = await pull.ci.read_ci_logs(logs(pull, state))
    assert log.text.startswith("Failed with exit code 3")


async def test_other_ci_speaks_through_its_check_run_or_status(scene: Scene) -> None:
    """Title, summary and text of a check run, the description of a status."""
    pull = await pull_with_ci(scene, None)
    output = {"title": "2 problems", "summary": "Style", "text": "\x1b[31mcalc.py:1\x1b[0m"}
    await check(pull, "lint", conclusion="failure", output=output)
    await set_status(pull, "error")
    read = await pull.ci.read_ci_logs(logs(pull, await pull.ci.read_ci(pull.commit)))
    assert {log.name: log.text for log in read} == {
        "jenkins": "It is error",
        "lint": "2 problems\n\nStyle\n\ncalc.py:1",
    }


async def test_remarks_on_lines_are_read(scene: Scene) -> None:
    """Linters say on the lines what they found."""
    pull = await pull_with_ci(scene, None)
    remark = {"path": "calc.py", "start_line": 6, "end_line": 6, "annotation_level": "failure", "message": "div by 0"}
    await check(pull, "lint", conclusion="failure", output={"title": "1 problem"}, annotations=(remark,))
    [log] = await pull.ci.read_ci_logs(logs(pull, await pull.ci.read_ci(pull.commit)))
    assert log.text == "1 problem\n\ncalc.py:6: failure: div by 0"


async def test_five_logs_are_enough(scene: Scene) -> None:
    """However much fails, a prompt has room for some of it."""
    pull = await pull_with_ci(scene, None)
    for number in range(7):
        await check(pull, f"shard {number}", conclusion="failure")
    read = await pull.ci.read_ci_logs(logs(pull, await pull.ci.read_ci(pull.commit)))
    assert [log.name for log in read] == [f"shard {number}" for number in range(5)]


# --- running again ----------------------------------------------------------------------------------------------------


async def test_an_accident_is_run_again(scene: Scene) -> None:
    """A flaky CI fails once: its log looks accidental, its failed jobs run again, once, and pass."""
    pull = await pull_with_ci(scene, "true", flaky=True)
    red = await pull.ci.read_ci(pull.commit)
    request = logs(pull, red)
    assert ci.accidental(red.checks, await pull.ci.read_ci_logs(request))
    assert await pull.ci.rerun_ci(request)
    await scene.github.settle()
    assert (await pull.ci.read_ci(pull.commit)).verdict is CiVerdict.GREEN
    assert sum(write.endswith("/rerun-failed-jobs") for write in scene.writes) == 1


async def test_a_second_attempt_finds_it_running(scene: Scene) -> None:
    """Whoever asks twice starts it once."""
    pull = await pull_with_ci(scene, "sleep 0.5; false")
    request = logs(pull, await pull.ci.read_ci(pull.commit))
    assert await pull.ci.rerun_ci(request)
    assert await pull.ci.rerun_ci(request)
    assert sum(write.endswith("/rerun-failed-jobs") for write in scene.writes) == 1
    await scene.github.settle()


async def test_what_can_not_be_run_again_is_said(scene: Scene) -> None:
    """A run that is gone, and a status that nobody can ask for: there is no second chance."""
    pull = await pull_with_ci(scene, None)
    gone = CiCheck("test", "failure", run=1, job=2, check_run=2)
    assert not await pull.ci.rerun_ci(CiLogRequest(pull.commit, (gone, CiCheck("jenkins", "failure"))))
