"""Issues, labels, comments, reactions and pull requests behave as GitHub's do."""

import pytest
from local_scene import Scene

from github_app.demo.github import Edit, PullDraft
from github_app.demo.github.world import RefusedError

CALC = "/repos/acme/calc"
ISSUE = f"{CALC}/issues/1"


async def test_the_app_writes_as_its_bot(scene: Scene) -> None:
    """A comment of the App names the bot and the App, and its webhook has the bot as sender."""
    written = (await scene.request("POST", f"{ISSUE}/comments", json={"body": "Hello"})).json()
    assert (written["user"]["login"], written["user"]["type"]) == ("aidp[bot]", "Bot")
    assert written["performed_via_github_app"]["id"] == 4711
    await scene.github.settle()
    told = scene.mailbox.last("issue_comment.created")
    assert told["sender"]["login"] == "aidp[bot]"
    assert told["comment"] == written


async def test_a_label_comes_and_goes_and_each_change_is_told_once(scene: Scene) -> None:
    """Adding what is there tells nothing; removing what is not there is an error."""
    await scene.github.label_issue(scene.repo, 1, "aidp-build", by="ada")
    await scene.github.label_issue(scene.repo, 1, "AIDP-Build", by="ada")
    assert (await scene.request("DELETE", f"{ISSUE}/labels/aidp-build")).json() == []
    again = await scene.request("DELETE", f"{ISSUE}/labels/aidp-build")
    assert (again.status_code, again.json()["message"]) == (404, "Label does not exist")
    await scene.github.settle()
    assert scene.mailbox.events[-2:] == ["issues.labeled", "issues.unlabeled"]
    told = scene.mailbox.last("issues.labeled")
    assert (told["label"]["name"], told["sender"]["login"]) == ("aidp-build", "ada")
    assert told["installation"]["id"] == scene.installation_id


async def test_setting_labels_changes_only_the_difference(scene: Scene) -> None:
    """PUT leaves exactly what was asked for, in one pass, bare lists included."""
    await scene.request("POST", f"{ISSUE}/labels", json=["a", "b"])
    await scene.request("PUT", f"{ISSUE}/labels", json={"labels": ["b", "c"]})
    assert scene.github.labels(scene.repo, 1) == ("b", "c")
    await scene.github.settle()
    assert scene.mailbox.events[-4:] == ["issues.labeled", "issues.labeled", "issues.unlabeled", "issues.labeled"]


async def test_a_label_name_is_taken_whatever_its_case(scene: Scene) -> None:
    """Labels keep their case and are found without it."""
    first = await scene.request("POST", f"{CALC}/labels", json={"name": "Bug", "color": "ff0000"})
    second = await scene.request("POST", f"{CALC}/labels", json={"name": "bug"})
    assert (first.status_code, second.status_code) == (201, 422)
    assert second.json()["errors"][0]["code"] == "already_exists"


async def test_a_reaction_is_given_once(scene: Scene) -> None:
    """201 says it is new, 200 that it was there."""
    body = {"content": "eyes"}
    answers = [await scene.request("POST", f"{ISSUE}/reactions", json=body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert [given.content for given in scene.github.reactions(scene.repo, 1)] == ["eyes"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"{CALC}/issues", {}),
        ("POST", f"{ISSUE}/comments", {"body": ""}),
        ("POST", f"{ISSUE}/comments", {"body": "x" * 65_537}),
        ("POST", f"{ISSUE}/reactions", {"content": "tada"}),
        ("PATCH", ISSUE, {"state": "done"}),
        ("POST", f"{CALC}/pulls", {"title": "t", "head": "nowhere", "base": "main"}),
        ("POST", f"{CALC}/pulls", {"title": "t", "head": "main", "base": "main"}),
        ("POST", f"{CALC}/check-runs", {"name": "n", "head_sha": "0" * 40}),
        ("POST", f"{CALC}/check-runs", {"name": "n", "head_sha": "main", "status": "completed"}),
    ],
)
async def test_nonsense_is_refused(scene: Scene, method: str, path: str, body: dict[str, str]) -> None:
    """What GitHub would not take, this GitHub does not take."""
    assert (await scene.request(method, path, json=body)).status_code == 422


async def test_a_branch_has_one_open_pull_request(scene: Scene) -> None:
    """The second is refused by name, until the first is closed."""
    await scene.github.push(scene.repo, "work", {"new.py": "\n"})
    draft = {"title": "Work", "head": "work", "base": "main", "draft": True}
    first = await scene.request("POST", f"{CALC}/pulls", json=draft)
    second = await scene.request("POST", f"{CALC}/pulls", json=draft)
    assert (first.status_code, first.json()["draft"], second.status_code) == (201, True, 422)
    assert second.json()["errors"][0]["message"] == "A pull request already exists for acme:work."
    await scene.github.close_issue(scene.repo, 2)
    assert (await scene.request("POST", f"{CALC}/pulls", json=draft)).status_code == 201


async def test_pull_requests_are_found_by_their_branch(scene: Scene) -> None:
    """`head=owner:branch` finds it; a foreign owner finds none."""
    await scene.github.push(scene.repo, "work", {"new.py": "\n"})
    await scene.github.open_pull_request(scene.repo, PullDraft("Work", "work", "main"))
    for head, count in (("acme:work", 1), ("acme:main", 0), ("eve:work", 0)):
        found = await scene.request("GET", f"{CALC}/pulls", params={"head": head})
        assert len(found.json()) == count, head


async def test_a_pull_request_is_an_issue_too(scene: Scene) -> None:
    """Its conversation is read and told as an issue's, with a mark."""
    await scene.github.push(scene.repo, "work", {"new.py": "\n"})
    await scene.github.open_pull_request(scene.repo, PullDraft("Work", "work", "main"))
    await scene.github.comment(scene.repo, 2, "ada", "Nice")
    issue = (await scene.request("GET", f"{CALC}/issues/2")).json()
    await scene.github.settle()
    told = scene.mailbox.last("issue_comment.created")["issue"]
    assert issue["pull_request"] == told["pull_request"]
    assert issue["pull_request"]["html_url"] == f"{scene.github.url}/acme/calc/pull/2"


async def test_merging_moves_the_base_and_closes_what_it_fixes(scene: Scene) -> None:
    """The branch arrives in main, the issue is closed, and everything is told."""
    sha = await scene.github.push(scene.repo, "work", {"new.py": "\n"})
    await scene.github.open_pull_request(scene.repo, PullDraft("Work", "work", "main", "Fixes #1"))
    merged = await scene.github.merge(scene.repo, 2, by="acme")
    assert merged.state == "closed"
    assert scene.github.issue(scene.repo, 1).state == "closed"
    comparison = await scene.request("GET", f"{CALC}/compare/{sha}...main")
    assert (comparison.json()["behind_by"], comparison.json()["ahead_by"]) == (0, 1)
    await scene.github.settle()
    assert scene.mailbox.last("pull_request.closed")["pull_request"]["merged_at"]
    assert scene.mailbox.last("push")["ref"] == "refs/heads/main"
    assert scene.mailbox.last("issues.closed")["issue"]["number"] == 1


async def test_a_conflict_is_seen_and_not_merged(scene: Scene) -> None:
    """`mergeable` comes from a real merge."""
    await scene.github.push(scene.repo, "work", {"calc.py": "ONE = 'one'\n"})
    await scene.github.open_pull_request(scene.repo, PullDraft("Work", "work", "main"))
    before = (await scene.request("GET", f"{CALC}/pulls/2")).json()
    await scene.github.push(scene.repo, "main", {"calc.py": "ONE = 1.0\n"})
    after = (await scene.request("GET", f"{CALC}/pulls/2")).json()
    assert (before["mergeable"], after["mergeable"], after["mergeable_state"]) == (True, False, "dirty")
    with pytest.raises(RefusedError, match="not mergeable"):
        await scene.github.merge(scene.repo, 2)


async def test_permissions_are_those_of_the_person(scene: Scene) -> None:
    """A stranger reads what is public; the role and its older word are both told."""
    hidden = scene.github.add_repository("acme", "secret", files={"a": "a"}, private=True)
    scene.github.set_permission(scene.repo, "bob", "maintain")
    asked = {("calc", "ada"): ("read", "read"), ("calc", "bob"): ("write", "maintain")}
    asked |= {("calc", "acme"): ("admin", "admin"), (hidden.name, "ada"): ("none", "none")}
    for (name, login), expected in asked.items():
        url = f"/repos/acme/{name}/collaborators/{login}/permission"
        found = (await scene.request("GET", url)).json()
        assert (found["permission"], found["role_name"]) == expected
        assert found["user"]["id"] == scene.github.add_user(login).id


async def test_an_edit_tells_what_it_changed(scene: Scene) -> None:
    """The webhook carries the old value; an edit that changes nothing is not told."""
    await scene.github.edit_issue(scene.repo, 1, Edit(title="Divide by zero"), by="ada")
    await scene.github.edit_issue(scene.repo, 1, Edit(title="Divide by zero"), by="ada")
    await scene.github.settle()
    assert scene.mailbox.events.count("issues.edited") == 1
    assert scene.mailbox.last("issues.edited")["changes"] == {"title": {"from": "Divide"}}
