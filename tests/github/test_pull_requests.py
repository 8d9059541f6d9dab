"""Pull requests: what they are, and what we write into ours."""

from dataclasses import replace

import pytest
from github_scene import REPO, Scene
from hypothesis import given
from hypothesis import strategies as st
from pull_scene import CODE, open_pull, powerful
from temporalio.exceptions import ApplicationError

from activities.github.pull_request_activities import PullRequestActivities
from activities.github.pull_request_template import MAX_CHARACTERS, cleaned
from github_app.demo.github import AppRegistration, Edit, Issue
from workflows.model import (
    Actor,
    Ending,
    Failure,
    LoopResult,
    Outcome,
    PullRequest,
    PullRequestDraft,
    PullRequestState,
    ReviewerRequest,
)

TEMPLATE = "## Why\n\n<!-- tell us -->\n\nCloses #123\n\n- [ ] I ran the tests\n"


@pytest.fixture(scope="module")
def registration(registration: AppRegistration) -> AppRegistration:
    """Our App, with what this folder's stories need."""
    return powerful(registration)


def draft(scene: Scene, *, ready: bool = False, unmet: tuple[str, ...] = ()) -> PullRequestDraft:
    """Describe the pull request of the branch `aidp/issue-1`."""
    result = LoopResult(Outcome(Ending.DONE, ""), 1, "aidp/issue-1", message="Done.", unmet=unmet)
    return PullRequestDraft(scene.item, "aidp/issue-1", "main", "Divide", result, Actor(1, "ada"), ready)


async def opened(scene: Scene, wanted: PullRequestDraft | None = None) -> PullRequest:
    """Open ours."""
    await scene.github.push(REPO, "aidp/issue-1", {"calc.py": CODE})
    return await scene.activities.open_pull_request(wanted or draft(scene))


def body(scene: Scene) -> str:
    """Read the newest pull request's description."""
    return scene.github.pull_requests(REPO)[-1].body


async def read(scene: Scene, number: int) -> PullRequestState:
    """Read a pull request as a workflow does."""
    return await PullRequestActivities(scene.clients).read_pull_request(replace(scene.item, number=number))


# --- reading ----------------------------------------------------------------------------------------------------------


async def test_a_persons_pull_request_is_read(scene: Scene) -> None:
    """Everything that decides what to do with it, and that it is not ours."""
    pull = await open_pull(scene, draft=True)
    await scene.github.label_issue(REPO, pull.number, "aidp-review")
    grace = scene.github.add_user("grace")
    state = await read(scene, pull.number)
    assert (state.title, state.body, state.author) == ("Divide", "Division.", Actor(grace.id, "grace"))
    assert (state.head_branch, state.head_sha, state.base_branch) == ("div", pull.sha, "main")
    assert (state.open, state.merged, state.draft, state.fork) == (True, False, True, False)
    assert (state.labels, state.ours, state.issue) == (("aidp-review",), False, 0)


async def test_ours_knows_its_issue(scene: Scene) -> None:
    """A pull request that our App opened tells which issue it is for."""
    state = await read(scene, (await opened(scene)).number)
    assert (state.ours, state.issue) == (True, 1)


async def test_a_copied_marker_makes_nothing_ours(scene: Scene) -> None:
    """Whoever copies our description does not get our care."""
    pull = await open_pull(scene)
    await scene.github.edit_issue(REPO, pull.number, Edit(body="<!-- aidp:pull-request v1 issue=1 -->"))
    state = await read(scene, pull.number)
    assert (state.ours, state.issue) == (False, 0)


async def test_an_issue_is_no_pull_request(scene: Scene) -> None:
    """Asking for one by an issue's number is final, in plain words."""
    with pytest.raises(ApplicationError, match=r"#1 is no pull request") as refused:
        await read(scene, 1)
    assert refused.value.type == Failure.PERMANENT


# --- opening ----------------------------------------------------------------------------------------------------------


async def test_one_can_be_opened_ready(scene: Scene) -> None:
    """Where the repository wants no drafts, it is opened for review at once."""
    await opened(scene, draft(scene, ready=True))
    assert [_is_draft(issue) for issue in scene.github.pull_requests(REPO)] == [False]
    assert "This is a draft" not in body(scene)


async def test_what_is_missing_is_said(scene: Scene) -> None:
    """Unmet criteria stand in the description, before the list of what changed."""
    await opened(scene, draft(scene, unmet=("Division of *fractions*: not there, @ada.",)))
    assert "### Not done\n\n- Division of *fractions*: not there, @\u200bada.\n" in body(scene)


@pytest.mark.parametrize(
    "path", [".github/PULL_REQUEST_TEMPLATE.md", "pull_request_template.md", "docs/Pull_Request_Template.txt"]
)
async def test_the_repositorys_template_is_kept(scene: Scene, path: str) -> None:
    """Its sections stand above our text, without hints to the author; an example in it closes nothing."""
    await scene.github.push(REPO, "main", {path: TEMPLATE})
    await opened(scene)
    above, _, ours = body(scene).partition("<!-- aidp:begin -->")
    assert above == "## Why\n\nClo\u200bses #123\n\n- [ ] I ran the tests\n\n"
    assert ours.strip().startswith("Fixes #1")


async def test_a_file_where_a_folder_could_be_is_no_template(scene: Scene) -> None:
    """A file called `docs` disturbs nobody."""
    await scene.github.push(REPO, "main", {"docs": "See the wiki.\n"})
    await opened(scene)
    assert body(scene).startswith("Fixes #1")


async def test_ticked_boxes_survive_an_update(scene: Scene) -> None:
    """What people change above our text stays when ours is brought up to date."""
    await scene.github.push(REPO, "main", {".github/pull_request_template.md": TEMPLATE})
    pull = await opened(scene)
    await scene.github.edit_issue(REPO, pull.number, Edit(body=body(scene).replace("[ ]", "[x]")))
    await scene.activities.open_pull_request(draft(scene, unmet=("Fractions",)))
    assert "- [x] I ran the tests" in body(scene)
    assert body(scene).count("Fixes #1") == 1
    assert "- Fractions" in body(scene)


@given(st.text(), st.text())
def test_a_template_hides_nothing_of_ours(before: str, hidden: str) -> None:
    """Whatever a template leaves open, no comment in it reaches our text."""
    assert "<!--" not in cleaned(f"{before}<!--{hidden}")
    assert len(cleaned(before * 1000)) <= MAX_CHARACTERS + 100


# --- looking after ----------------------------------------------------------------------------------------------------


async def test_a_draft_becomes_ready_once(scene: Scene) -> None:
    """The second attempt finds it ready and asks for nothing."""
    pull = await open_pull(scene, draft=True)
    await pull.hand.mark_ready(pull.item)
    await pull.hand.mark_ready(pull.item)
    assert not _is_draft(pull.issue)
    assert scene.writes == ["POST /graphql"]


async def test_somebody_is_asked_for_a_review_once(scene: Scene) -> None:
    """Who is waited for already is not asked again."""
    pull = await open_pull(scene)
    scene.github.set_permission(REPO, "ada", "write")
    request = ReviewerRequest(pull.item, _actor(scene, "ada"))
    await pull.hand.request_reviewer(request)
    await pull.hand.request_reviewer(request)
    assert pull.issue.pull
    assert [user.login for user in pull.issue.pull.reviewers] == ["ada"]
    assert len(scene.writes) == 1


@pytest.mark.parametrize("login", ["grace", "stranger"])
async def test_who_can_not_review_is_not_asked(scene: Scene, login: str) -> None:
    """Neither the author nor somebody from outside; nothing fails."""
    pull = await open_pull(scene)
    await pull.hand.request_reviewer(ReviewerRequest(pull.item, _actor(scene, login)))
    assert pull.issue.pull
    assert pull.issue.pull.reviewers == ()


def _actor(scene: Scene, login: str) -> Actor:
    return Actor(scene.github.add_user(login).id, login)


def _is_draft(issue: Issue) -> bool:
    return issue.pull is not None and issue.pull.draft
