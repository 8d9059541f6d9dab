"""Our check run on a commit: one for each processor, changed in place."""

import json
from dataclasses import replace

import pytest
from github_scene import REPO, Scene
from pull_scene import Pull, open_pull, powerful
from temporalio.exceptions import ApplicationError

from activities.github.check_runs import WORDS, content
from github_app.demo.github import AppRegistration
from github_app.demo.github.faults import Fault, Kind, When, Where
from workflows.model import Button, Category, CheckResult, CheckRunReport, Item

ITEM = Item(1, 2, 3)
HOME = "https://github.com/acme/calc"
FINDINGS = ("src/sums.py:12:5: F401 `os` imported but unused", "/etc/passwd:1: no", "tests/test_sums.py::test_it")
LEFT = ("fix-ci", "{}", "old"), ("plan", 999, "other"), ("fix-ci", "{}", "new")
"""The work on the pull request, on something else, and on the pull request again."""
LINT = CheckResult("lint", Category.LINT, passed=False, required=True, summary="3 findings", failures=FINDINGS)


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


async def test_a_check_run_that_no_read_shows_yet_is_edited(pull: Pull) -> None:
    """All that is read after the first look is from before it was made: its end goes into it all the same."""
    pull.scene.github.faults.add(Fault(Kind.STALE_READ, Where("GET", "/check-runs"), When(nth=2, count=None)))
    first = await pull.hand.write_check_run(report(pull))
    assert await pull.hand.write_check_run(report(pull, conclusion="success", check_id=first)) == first
    [run] = pull.scene.github.check_runs(REPO, pull.sha)
    assert run.conclusion == "success"


async def test_a_check_run_that_is_known_is_not_looked_for(pull: Pull) -> None:
    """The list of the commit's is read once, for the first report."""
    pull.scene.github.faults.add(Fault(Kind.STALE_READ, Where("GET", f"/{pull.sha}/check-runs$"), When(nth=2)))
    first = await pull.hand.write_check_run(report(pull))
    for title in ("Reviewing part 2", "Reviewing part 3"):
        assert await pull.hand.write_check_run(report(pull, title=title, check_id=first)) == first
    assert not pull.scene.github.faults.injected


async def test_a_check_run_that_is_gone_is_made_again(pull: Pull) -> None:
    """GitHub answers 404 for the known one: it is looked for, and made where there is none."""
    made = await pull.hand.write_check_run(report(pull, check_id=999))
    assert await pull.hand.write_check_run(report(pull, check_id=999)) == made
    assert [run.id for run in pull.scene.github.check_runs(REPO, pull.sha)] == [made]


async def test_processors_do_not_share(pull: Pull) -> None:
    """Another processor on the same commit has its own."""
    first = await pull.hand.write_check_run(report(pull))
    assert await pull.hand.write_check_run(report(pull, external_id="fix-ci:1")) != first


async def test_what_ended_work_has_left_is_cancelled_by_what_comes_next(pull: Pull) -> None:
    """One processor has an item at a time: where one begins, another's check run of that item is nobody's any more."""
    ours = [f"{kind}:{pull.item.repository_id}#{number}/{run}" for kind, number, run in LEFT]
    await pull.hand.write_check_run(report(pull, external_id=ours[0].format(pull.number)))
    await pull.hand.write_check_run(report(pull, external_id=ours[1]))
    await pull.hand.write_check_run(report(pull, external_id=ours[2].format(pull.number)))
    runs = pull.scene.github.check_runs(REPO, pull.sha)
    assert [run.conclusion for run in runs] == ["cancelled", None, None]
    assert runs[0].output["title"] == "It was ended from outside"


async def test_work_that_goes_on_gets_a_new_one(pull: Pull) -> None:
    """What is over is not rewritten into something that runs."""
    over = await pull.hand.write_check_run(report(pull, conclusion="failure"))
    again = await pull.hand.write_check_run(report(pull, check_id=over))
    assert again != over
    assert await pull.hand.write_check_run(report(pull, check_id=over)) == again  # an attempt whose answer was lost
    assert await pull.hand.write_check_run(report(pull, conclusion="success", check_id=again)) == again
    assert [run.conclusion for run in pull.scene.github.check_runs(REPO, pull.sha)] == ["failure", "success"]


async def test_what_failed_is_shown_at_its_line(pull: Pull) -> None:
    """Findings in files of the repository become annotations, once, with the end; the rest stands in the table."""
    await pull.hand.write_check_run(report(pull, checks=(LINT,)))
    done = report(pull, checks=(LINT, replace(LINT, name="style", required=False)), conclusion="failure")
    assert await pull.hand.write_check_run(done) == await pull.hand.write_check_run(done)
    [run] = pull.scene.github.check_runs(REPO, pull.sha)
    said = [(it["path"], it["start_line"], it["annotation_level"], it["title"]) for it in run.annotations]
    assert said == [("src/sums.py", 12, "failure", "lint"), ("src/sums.py", 12, "warning", "style")]
    assert run.annotations[0]["message"] == "F401 `os` imported but unused"
    assert "| ❌ | `lint` | 3 findings | 0s |" in run.output["summary"]


def test_no_more_annotations_than_github_takes() -> None:
    """It refuses a request with more than 50."""
    many = replace(LINT, failures=tuple(f"src/sums.py:{line}: long" for line in range(1, 100)))
    said = content(CheckRunReport(ITEM, "a" * 40, "plan:1", "Red", conclusion="failure", checks=(many,)), HOME)
    assert json.dumps(said).count('"annotation_level"') == 50


def test_its_details_are_the_status_comment() -> None:
    """Who clicks on the check run gets to the comment that tells all of it."""
    said = content(CheckRunReport(ITEM, "a" * 40, "plan:1", "Planning", comment_id=9), HOME)
    assert said["details_url"] == "https://github.com/acme/calc/issues/3#issuecomment-9"


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
    said = content(CheckRunReport(ITEM, "a" * 40, "plan:1", "Waiting", buttons=tuple(Button)), HOME)
    assert said["actions"] == [
        {"label": "Approve", "description": "Let what waits for approval pass", "identifier": "approve"},
        {"label": "Pause", "description": "Hold the work after the current step", "identifier": "pause"},
        {"label": "Resume", "description": "Go on where the work was held", "identifier": "resume"},
    ]


def test_a_check_run_says_things_without_effects() -> None:
    """Its title is one line; its summary calls nobody and hides nothing."""
    said = content(CheckRunReport(ITEM, "a" * 40, "plan:1", "Waiting\nfor ada", "For @ada <!-- x -->"), HOME)
    assert said["output"] == {"title": "Waiting for ada", "summary": "For @\u200bada <\u200b!-- x -->"}


@pytest.mark.parametrize("button", Button)
def test_every_button_fits(button: Button) -> None:
    """GitHub limits a button's words: 20 characters on it, 40 to explain it, 20 to name it."""
    assert len(WORDS[button].label) <= 20
    assert len(WORDS[button].description) <= 40
    assert len(button.value) <= 20
