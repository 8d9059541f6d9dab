"""What the App does on GitHub: once, as itself, and with no more power than the step needs."""

from dataclasses import replace

import pytest
from github_scene import REPO, Scene
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.github.answers import App, Comment, User
from activities.github.conversation import written_by
from activities.github.status_texts import STATUS_MARKER
from github_app.demo.github import PullDraft
from workflows.model import (
    Actor,
    Authority,
    ChangeStat,
    Ending,
    Failure,
    Issue,
    Item,
    LabelChange,
    LoopResult,
    Note,
    Outcome,
    Permission,
    Published,
    PullRequestDraft,
    RepoConfig,
    StatusReport,
)

CONFIG = ".aidp/aidp.yml"


def report(scene: Scene, **changes: object) -> StatusReport:
    """Make a status that shows only its headline."""
    return replace(StatusReport(scene.item), **changes)


def draft(scene: Scene, message: str = "Done.") -> PullRequestDraft:
    """Describe the pull request of the branch `aidp/issue-1`."""
    published = Published("", ChangeStat(1, 2, 0), ("calc.py",))
    result = LoopResult(Outcome(Ending.DONE, ""), 1, "aidp/issue-1", published=published, message=message)
    return PullRequestDraft(scene.item, "aidp/issue-1", "main", "Divide", result, Actor(1, "ada"))


def bodies(scene: Scene) -> list[str]:
    """Read the conversation on the item."""
    return [comment.body for comment in scene.github.comments(REPO, scene.item.number)]


# --- reading ----------------------------------------------------------------------------------------------------------


async def test_an_issue_is_read_as_it_is_now(scene: Scene) -> None:
    """Title, text, labels, author and state come from GitHub, by numbers that survive a rename."""
    await scene.github.label_issue(REPO, 1, "aidp-build", by="acme")
    ada = scene.github.add_user("ada")
    assert await ActivityEnvironment().run(scene.activities.read_issue, scene.item) == Issue(
        title="Divide",
        body="By zero?",
        open=True,
        labels=("aidp-build",),
        author=Actor(ada.id, "ada"),
        url=f"{scene.github.url}/{REPO}/issues/1",
    )


async def test_a_missing_issue_is_final_and_said_in_plain_words(scene: Scene) -> None:
    """What was deleted is not asked for again and again."""
    with pytest.raises(ApplicationError, match=r"#99 does not exist") as refused:
        await scene.activities.read_issue(replace(scene.item, number=99))
    assert refused.value.type == Failure.PERMANENT
    assert refused.value.non_retryable


@pytest.mark.parametrize("role", ["none", "read", "triage", "write", "maintain", "admin"])
async def test_every_role_is_read_as_github_has_it(scene: Scene, role: str) -> None:
    """The finer roles triage and maintain are told apart from read and write."""
    bob = scene.github.add_user("bob")
    scene.github.set_permission(REPO, bob, role)
    authority = Authority(scene.item, Actor(bob.id, "bob"))
    assert await scene.activities.read_permission(authority) is Permission[role.upper()]


@pytest.mark.parametrize("login", ["acme", "nobody-there"])
async def test_a_login_alone_opens_nothing(scene: Scene, login: str) -> None:
    """Whoever took over the owner's login, or invented one, has another id and may do nothing."""
    authority = Authority(scene.item, Actor(id=999_999, login=login))
    assert await scene.activities.read_permission(authority) is Permission.NONE


async def test_without_a_file_the_configuration_has_its_defaults(scene: Scene) -> None:
    """No `.aidp/aidp.yml` is as good as an empty one; the agents are the operator's, in the operator's order."""
    assert await scene.activities.read_repo_config(scene.source) == RepoConfig(providers=("claude", "codex"))


async def test_the_configuration_comes_from_the_default_branch(scene: Scene) -> None:
    """What another branch says does not count."""
    await scene.github.push(REPO, "main", {CONFIG: "max_iterations: 7\n"})
    await scene.github.push(REPO, "evil", {CONFIG: "max_iterations: 90\n"})
    assert (await scene.activities.read_repo_config(scene.source)).max_iterations == 7


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("max_iterations: ten\n", 'line 1: `max_iterations` must be a whole number, not "ten"'),
        (b"\xff\xfe", "the file must be UTF-8 text"),
    ],
)
async def test_a_wrong_configuration_is_explained(scene: Scene, content: str | bytes, problem: str) -> None:
    """The error is the text that people get: what is wrong, on which line."""
    await scene.github.push(REPO, "main", {CONFIG: content})
    with pytest.raises(ApplicationError) as refused:
        await scene.activities.read_repo_config(scene.source)
    assert refused.value.type == Failure.CONFIGURATION
    assert refused.value.non_retryable
    assert refused.value.message == f"`.aidp/aidp.yml` on the default branch can not be used:\n\n- {problem}"


# --- writing ----------------------------------------------------------------------------------------------------------


async def test_eyes_are_given_once(scene: Scene) -> None:
    """A second attempt finds the reaction of the first."""
    await scene.activities.add_eyes(scene.item)
    await scene.activities.add_eyes(scene.item)
    assert [reaction.content for reaction in scene.github.reactions(REPO, 1)] == ["eyes"]


async def test_labels_are_changed_where_they_differ(scene: Scene) -> None:
    """One label is added with its colour, one taken off; doing it again writes nothing."""
    await scene.github.label_issue(REPO, 1, "aidp-build", by="acme")
    change = LabelChange(scene.item, add=("aidp-working",), remove=("AIDP-Build", "never-there"))
    await scene.activities.change_labels(change)
    assert scene.github.labels(REPO, 1) == ("aidp-working",)
    assert scene.repository.labels["aidp-working"].description == "aidp is working on this"
    before = len(scene.writes)
    await scene.activities.change_labels(change)
    assert len(scene.writes) == before


async def test_two_attempts_leave_one_status(scene: Scene) -> None:
    """A retry that does not know the comment finds it; an equal text is not written again."""
    first = await scene.activities.write_status(report(scene))
    assert await scene.activities.write_status(report(scene)) == first
    assert await scene.activities.write_status(report(scene, comment_id=first)) == first
    assert scene.writes == ["POST /issues/1/comments"]


async def test_a_status_changes_in_place(scene: Scene) -> None:
    """Progress edits the one comment."""
    first = await scene.activities.write_status(report(scene))
    outcome = Outcome(Ending.CANCELLED, "ada closed the issue")
    assert await scene.activities.write_status(report(scene, comment_id=first, outcome=outcome)) == first
    [body] = bodies(scene)
    assert body.startswith("⏹️ **Cancelled**\n\nada closed the issue")


async def test_a_deleted_status_is_written_anew(scene: Scene) -> None:
    """Somebody may delete the comment; the next report is a new one."""
    first = await scene.activities.write_status(report(scene))
    del scene.repository.comments[first]
    assert await scene.activities.write_status(report(scene, comment_id=first)) != first
    assert len(bodies(scene)) == 1


@pytest.mark.parametrize("author", ["mallory", "local-ci[bot]"])
async def test_a_strangers_marker_is_ignored(scene: Scene, author: str) -> None:
    """Whoever copies our hidden marker, person or bot, does not get our comment; theirs stays theirs."""
    planted = await scene.github.comment(REPO, 1, author, f"Hello\n\n{STATUS_MARKER}")
    assert await scene.activities.write_status(report(scene)) != planted.id
    assert bodies(scene)[0] == planted.body


@pytest.mark.parametrize(
    ("comment", "ours"),
    [
        (Comment(1, performed_via_github_app=App(7, "aidp")), True),
        (Comment(1, user=User(8, "aidp[bot]", "Bot")), True),
        (Comment(1, user=User(8, "aidp[bot]", "Bot"), performed_via_github_app=App(9, "other")), False),
        (Comment(1, user=User(8, "aidp", "User")), False),
        (Comment(1), False),
    ],
)
def test_our_comments_are_those_of_our_app(comment: Comment, ours: bool) -> None:  # noqa: FBT001 - a table
    """The App's id decides; where GitHub does not tell it, the bot's login does, which nobody else can have."""
    assert written_by(App(7, "aidp"), comment) is ours


async def test_our_comment_is_found_behind_hundreds(scene: Scene) -> None:
    """Long conversations are read to their end."""
    for number in range(230):
        await scene.github.comment(REPO, 1, "ada", f"Comment {number}")
    first = await scene.activities.write_status(report(scene))
    assert await scene.activities.write_status(report(scene)) == first


async def test_a_note_is_written_once_per_key(scene: Scene) -> None:
    """The same key writes nothing more; another key does."""
    for key in ("refused:7", "refused:7", "refused:77"):
        await scene.activities.write_note(Note(scene.item, key, "You need write permission."))
    assert len(bodies(scene)) == 2


async def test_a_note_calls_nobody_and_plants_no_marker(scene: Scene) -> None:
    """What a note repeats of other people's text has no effect."""
    await scene.activities.write_note(Note(scene.item, "k", f"@everyone {STATUS_MARKER}"))
    [body] = bodies(scene)
    assert "@everyone" not in body
    assert STATUS_MARKER not in body


async def test_two_attempts_leave_one_pull_request(scene: Scene) -> None:
    """The first opens a draft, the second finds it, a third with news updates it."""
    sha = await scene.github.push(REPO, "aidp/issue-1", {"calc.py": "def div(a, b): ..."})
    opened = await scene.activities.open_pull_request(draft(scene))
    assert opened.head_sha == sha
    assert await scene.activities.open_pull_request(draft(scene)) == opened
    assert scene.writes == ["POST /pulls"]
    assert await scene.activities.open_pull_request(draft(scene, "Better.")) == opened
    [pull] = scene.github.pull_requests(REPO)
    assert pull.pull
    assert pull.pull.draft
    assert pull.body.startswith("Fixes #1\n\n> Better.")


async def test_a_persons_own_pull_request_keeps_its_words(scene: Scene) -> None:
    """Whoever opened one from the branch is not overwritten."""
    await scene.github.push(REPO, "aidp/issue-1", {"calc.py": "def div(a, b): ..."})
    theirs = await scene.github.open_pull_request(REPO, PullDraft("Mine", "aidp/issue-1", "main", "My words"), by="ada")
    assert (await scene.activities.open_pull_request(draft(scene))).number == theirs.number
    assert scene.writes == []


async def test_a_branch_without_news_gets_no_pull_request(scene: Scene) -> None:
    """GitHub's own reason reaches the people."""
    with pytest.raises(ApplicationError, match="although the branch was pushed") as refused:
        await scene.activities.open_pull_request(draft(scene))
    assert refused.value.type == Failure.PERMANENT


# --- power ------------------------------------------------------------------------------------------------------------


async def test_every_token_is_narrowed_to_its_step(scene: Scene) -> None:
    """Each call's token has the one permission it needs, for this repository alone."""
    await scene.github.push(REPO, "aidp/issue-1", {"calc.py": "def div(a, b): ..."})
    await scene.activities.read_issue(scene.item)
    await scene.activities.read_permission(Authority(scene.item, Actor(1, "ada")))
    await scene.activities.read_repo_config(scene.source)
    await scene.activities.write_status(report(scene))
    await scene.activities.open_pull_request(draft(scene))
    calls = [call for call in scene.github.calls if call.actor == "installation"]
    used = {frozenset(f"{name}:{level}" for name, level in call.permissions.items()) for call in calls}
    needed = ("metadata:read", "issues:read", "issues:write", "contents:read", "pull_requests:write")
    assert used == {frozenset({need, "metadata:read"}) for need in needed}
    tokens = scene.github.world.tokens.values()
    assert all(token.narrowed and token.repository_ids == {scene.repository.id} for token in tokens)


async def test_a_token_serves_until_it_is_refused(scene: Scene) -> None:
    """Two reads share a token; when it is revoked, a new one is made and the call goes through."""
    await scene.activities.read_issue(scene.item)
    await scene.activities.read_issue(scene.item)
    assert len(scene.github.world.tokens) == 1
    scene.github.world.tokens.clear()
    assert (await scene.activities.read_issue(scene.item)).title == "Divide"


async def test_git_gets_its_own_token(scene: Scene) -> None:
    """Git reads with a token that reads and pushes with one that writes contents; the URL holds neither."""
    reading = await scene.clients.git_access(scene.source, write=False)
    pushing = await scene.clients.git_access(scene.source, write=True)
    tokens = scene.github.world.tokens
    assert reading.url == pushing.url == f"{scene.github.url}/{REPO}.git"
    assert tokens[reading.token].permissions == {"contents": "read", "metadata": "read"}
    assert tokens[pushing.token].permissions == {"contents": "write", "metadata": "read"}
    assert pushing.token not in repr(pushing)


async def test_commits_are_the_bots(scene: Scene) -> None:
    """The author of commits is the App's bot, with the address by which GitHub links it."""
    bot = scene.github.add_user("aidp[bot]")
    assert await scene.clients.author(scene.source) == ("aidp[bot]", f"{bot.id}+aidp[bot]@users.noreply.github.com")


@pytest.mark.parametrize(("installation", "repository"), [(0, 1), (1, 0)])
async def test_a_forged_address_reaches_nothing(scene: Scene, installation: int, repository: int) -> None:
    """An installation or repository that is not ours ends the work, finally."""
    item = Item(scene.item.installation_id * installation, scene.item.repository_id * repository, 1)
    with pytest.raises(ApplicationError) as refused:
        await scene.activities.read_issue(item)
    assert refused.value.type == Failure.PERMANENT
