"""Our check run on a commit: one for each processor, changed in place."""

from dataclasses import replace

import pytest
from github_scene import REPO, Scene
from pull_scene import Pull, open_pull, powerful
from temporalio.exceptions import ApplicationError

from activities.github.check_runs import WORDS, content
from github_app.demo.github import AppRegistration
from github_app.demo.github.faults import Fault, Kind, Where
from workflows.model import Button, CheckRunReport, Item


@pytest.fixture(scope="module")
def registration(registration: AppRegistration) -> AppRegistration:
    """Our App, with what this folder's stories need."""
    return powerful(registration)


@pytest.fixture
async def pull(scene: Scene) -> Pull:
    """Open a pull request."""
    return await open_pull(scene)


def report(pull: Pull, **changes: object) -> CheckRunReport:
    """Describe the check run of a review that goes on."""
    return replace(CheckRunReport(pull.item, pull.sha, "review:1", "Reviewing"), **changes)


async def test_a_processor_has_one_check_run(pull: Pull) -> None:
    """It is found by the processor's id, changes in place, and its conclusion closes it."""
    first = await pull.hand.write_check_run(report(pull))
    assert await pull.hand.write_check_run(report(pull, title="Reviewing part 2")) == first
    assert await pull.hand.write_check_run(report(pull, title="Reviewed", conclusion="neutral")) == first
    [run] = pull.scene.github.check_runs(REPO, pull.sha)
    assert (run.name, run.status, run.conclusion, run.external_id) == ("aidp", "completed", "neutral", "review:1")
    assert run.output["title"] == "Reviewed"


async def test_the_end_is_written_once(pull: Pull) -> None:
    """A second attempt to close it finds that it says so already."""
    done = report(pull, conclusion="success", summary="All of it.")
    assert await pull.hand.write_check_run(done) == await pull.hand.write_check_run(done)
    assert pull.scene.writes == ["POST /check-runs"]


async def test_a_lost_answer_doubles_no_check_run(pull: Pull) -> None:
    """GitHub made it and we never heard: the next attempt finds it."""
    pull.scene.github.faults.add(Fault(Kind.BAD_GATEWAY, Where("POST", "/check-runs$"), after_commit=True))
    with pytest.raises(ApplicationError, match="GitHub has trouble"):
        await pull.hand.write_check_run(report(pull))
    found = await pull.hand.write_check_run(report(pull))
    assert [run.id for run in pull.scene.github.check_runs(REPO, pull.sha)] == [found]


async def test_processors_do_not_share(pull: Pull) -> None:
    """Another processor on the same commit has its own."""
    first = await pull.hand.write_check_run(report(pull))
    assert await pull.hand.write_check_run(report(pull, external_id="fix-ci:1")) != first


async def test_work_that_goes_on_gets_a_new_one(pull: Pull) -> None:
    """What is over is not rewritten into something that runs."""
    over = await pull.hand.write_check_run(report(pull, conclusion="failure"))
    again = await pull.hand.write_check_run(report(pull))
    assert again != over
    assert await pull.hand.write_check_run(report(pull, conclusion="success")) == again
    assert [run.conclusion for run in pull.scene.github.check_runs(REPO, pull.sha)] == ["failure", "success"]


async def test_its_buttons_can_be_seen(pull: Pull) -> None:
    """GitHub takes what we write on them, and they go away with the end of the work."""
    await pull.hand.write_check_run(report(pull, buttons=tuple(Button)))
    [run] = pull.scene.github.check_runs(REPO, pull.sha)
    assert [action["identifier"] for action in run.actions] == ["approve", "pause", "resume"]
    await pull.hand.write_check_run(report(pull, conclusion="success"))
    [run] = pull.scene.github.check_runs(REPO, pull.sha)
    assert not run.actions


async def test_a_long_summary_is_cut(pull: Pull) -> None:
    """GitHub counts bytes: what is too long is shortened rather than refused."""
    await pull.hand.write_check_run(report(pull, summary="⚪" * 60_000, conclusion="success"))
    [run] = pull.scene.github.check_runs(REPO, pull.sha)
    assert run.output["summary"] == "⚪" * 20_000


def test_no_more_than_three_buttons() -> None:
    """GitHub refuses a fourth: it is left out."""
    said = content(CheckRunReport(Item(1, 2, 3), "a" * 40, "plan:1", "Waiting", buttons=tuple(Button)))
    assert said["actions"] == [
        {"label": "Approve", "description": "Let what waits for approval pass", "identifier": "approve"},
        {"label": "Pause", "description": "Hold the work after the current step", "identifier": "pause"},
        {"label": "Resume", "description": "Go on where the work was held", "identifier": "resume"},
    ]


def test_a_check_run_says_things_without_effects() -> None:
    """Its title is one line; its summary calls nobody and hides nothing."""
    said = content(CheckRunReport(Item(1, 2, 3), "a" * 40, "plan:1", "Waiting\nfor ada", "For @ada <!-- x -->"))
    assert said["output"] == {"title": "Waiting for ada", "summary": "For @\u200bada <\u200b!-- x -->"}


@pytest.mark.parametrize("button", Button)
def test_every_button_fits(button: Button) -> None:
    """GitHub limits a button's words: 20 characters on it, 40 to explain it, 20 to name it."""
    assert len(WORDS[button].label) <= 20
    assert len(WORDS[button].description) <= 40
    assert len(button.value) <= 20
