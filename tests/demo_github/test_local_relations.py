"""Sub-issues and dependencies, and lists of what changed."""

from datetime import timedelta

from local_scene import Scene

from github_app.demo.github import PullDraft
from github_app.demo.github.shapes.values import stamp

CALC = "/repos/acme/calc"
ISSUE = f"{CALC}/issues/1"


async def part(scene: Scene, title: str = "Part") -> int:
    """Let the App open an issue, and return its id."""
    return (await scene.request("POST", f"{CALC}/issues", json={"title": title})).json()["id"]


async def test_an_issue_has_parts_in_their_order(scene: Scene) -> None:
    """Each is told to the whole and to the part; the whole counts what is done."""
    ids = [await part(scene, title) for title in ("A", "B")]
    for issue_id in ids:
        answer = await scene.request("POST", f"{ISSUE}/sub_issues", json={"sub_issue_id": issue_id})
        assert (answer.status_code, answer.json()["number"]) == (201, 1)
    assert [it["title"] for it in (await scene.request("GET", f"{ISSUE}/sub_issues")).json()] == ["A", "B"]
    assert (await scene.request("GET", f"{CALC}/issues/2/parent")).json()["number"] == 1
    await scene.github.close_issue(scene.repo, 2)
    summary = (await scene.request("GET", ISSUE)).json()["sub_issues_summary"]
    assert summary == {"total": 2, "completed": 1, "percent_completed": 50}
    removed = await scene.request("DELETE", f"{ISSUE}/sub_issue", json={"sub_issue_id": ids[0]})
    assert removed.status_code == 200
    await scene.github.settle()
    told = [event for event in scene.mailbox.events if event.startswith("sub_issues")]
    assert told[:2] == ["sub_issues.sub_issue_added", "sub_issues.parent_issue_added"]
    assert scene.mailbox.last("sub_issues.sub_issue_removed")["sub_issue"]["title"] == "A"


async def test_a_part_has_one_whole(scene: Scene) -> None:
    """A second is refused, unless it takes the place of the first."""
    issue_id = await part(scene)
    await part(scene, "Other whole")
    body = {"sub_issue_id": issue_id}
    await scene.request("POST", f"{ISSUE}/sub_issues", json=body)
    other = f"{CALC}/issues/3/sub_issues"
    refused = await scene.request("POST", other, json=body)
    assert (refused.status_code, "only have one parent" in refused.text) == (422, True)
    assert (await scene.request("POST", other, json=body | {"replace_parent": True})).status_code == 201
    assert (await scene.request("GET", f"{ISSUE}/sub_issues")).json() == []


async def test_an_issue_waits_for_others(scene: Scene) -> None:
    """Each is named once, told to both, and can be taken away."""
    issue_id, url = await part(scene, "First"), f"{ISSUE}/dependencies/blocked_by"
    answers = [await scene.request("POST", url, json={"issue_id": issue_id}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 422]
    assert [it["title"] for it in (await scene.request("GET", url)).json()] == ["First"]
    assert (await scene.request("DELETE", f"{url}/{issue_id}")).status_code == 200
    assert (await scene.request("GET", url)).json() == []
    await scene.github.settle()
    told = [event for event in scene.mailbox.events if event.startswith("issue_dependencies")]
    assert told[:2] == ["issue_dependencies.blocked_by_added", "issue_dependencies.blocking_added"]


async def test_an_older_github_has_no_relations(scene: Scene) -> None:
    """404, for the lists too."""
    scene.github.add_repository("acme", "old", files={"a": "a"}, native_sub_issues=False)
    issue = await scene.github.create_issue("acme/old", "ada", "Old")
    url = "/repos/acme/old/issues/1"
    for path in ("sub_issues", "dependencies/blocked_by"):
        assert (await scene.request("GET", f"{url}/{path}")).status_code == 404
    assert (await scene.request("POST", f"{url}/sub_issues", json={"sub_issue_id": issue.id})).status_code == 404


async def test_what_changed_since_is_listed_for_the_whole_repository(scene: Scene) -> None:
    """Issues, pull requests among them, by label and time; comments by when they were last changed."""
    await scene.github.push(scene.repo, "work", {"new.py": "\n"})
    await scene.github.open_pull_request(scene.repo, PullDraft("Work", "work", "main"))
    first = await scene.github.comment(scene.repo, 1, "ada", "one")
    scene.github.advance(timedelta(hours=1))
    since = stamp(scene.github.world.now())
    await scene.github.label_issue(scene.repo, 2, "aidp-build")
    await scene.github.comment(scene.repo, 2, "ada", "two")
    scene.github.advance(timedelta(seconds=2))
    await scene.request("PATCH", f"{CALC}/issues/comments/{first.id}", json={"body": "one!"})
    labelled = await scene.request("GET", f"{CALC}/issues", params={"labels": "aidp-build", "since": since})
    assert [(it["number"], "pull_request" in it) for it in labelled.json()] == [(2, True)]
    query = {"since": since, "sort": "updated", "direction": "desc"}
    comments = (await scene.request("GET", f"{CALC}/issues/comments", params=query)).json()
    assert [it["body"] for it in comments] == ["one!", "two"]
