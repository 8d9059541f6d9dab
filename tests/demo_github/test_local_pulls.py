"""Pull requests: their branches, bases, forks and reviewers."""

from pathlib import Path

from githubkit.webhooks import parse_obj
from local_scene import Scene

from activities.process import Command, run
from github_app.demo.github import PullDraft, Remark, ReviewDraft
from github_app.demo.github.faults import Fault, Kind, When
from github_app.demo.github.git import ENV, Git

CALC = "/repos/acme/calc"
PULLS = f"{CALC}/pulls"
PULL = f"{PULLS}/2"
WORK = PullDraft("Work", "work", "main")


async def test_a_pull_request_can_be_fetched_by_its_number(scene: Scene, tmp_path: Path) -> None:
    """`refs/pull/2/head` is the head, also after a push; nobody pushes there."""
    await scene.github.push(scene.repo, "work", {"new.py": "\n"})
    await scene.github.open_pull_request(scene.repo, WORK)
    sha = await scene.github.push(scene.repo, "work", {"new.py": "1\n"})
    assert await Git(scene.repo.path).resolve("refs/pull/2/head") == sha
    host, token = scene.github.url.removeprefix("http://"), await scene.token()
    url = f"http://x-access-token:{token}@{host}/acme/calc.git"
    home = tmp_path / "home"
    await run(Command(("git", "clone", "--quiet", url, str(home)), tmp_path, ENV))
    fetched = await run(Command(("git", "fetch", "origin", "refs/pull/2/head"), home, ENV))
    pushed = await run(Command(("git", "push", url, "HEAD:refs/pull/2/head"), home, ENV, merge_stderr=True))
    assert fetched.exit_code == 0
    assert b"deny updating a hidden ref" in pushed.stdout


async def test_a_persons_push_is_told_in_their_name(scene: Scene) -> None:
    """`push`, then `synchronize` with the person as sender and the size as it is now."""
    await scene.github.push(scene.repo, "work", {"new.py": "\n"})
    await scene.github.open_pull_request(scene.repo, WORK)
    await scene.github.push(scene.repo, "work", {"more.py": "1\n2\n"}, by="ada")
    await scene.github.settle()
    told = scene.mailbox.last("pull_request.synchronize")
    assert (told["sender"]["login"], told["pull_request"]["commits"]) == ("ada", 2)
    assert (told["pull_request"]["additions"], told["pull_request"]["changed_files"]) == (3, 2)
    parse_obj("pull_request", told)
    parse_obj("push", scene.mailbox.last("push"))


async def test_the_api_may_not_know_of_a_push(scene: Scene) -> None:
    """Pull requests are shown at their former heads, and none is opened from the branch, until it has caught up."""
    old = await scene.github.push(scene.repo, "work", {"b.txt": "b"})
    await scene.github.open_pull_request(scene.repo, WORK)
    scene.github.faults.add(Fault(Kind.PUSH_UNSEEN, when=When(count=4)))
    heads = [(await scene.request("GET", PULL)).json()["head"]["sha"]]
    new = await scene.github.push(scene.repo, "work", {"b.txt": "c"})
    heads += [it["head"]["sha"] for it in (await scene.request("GET", PULLS)).json()]
    heads += [(await scene.request("GET", PULL)).json()["head"]["sha"]]
    await scene.github.push(scene.repo, "other", {"d.txt": "d"})
    body = {"title": "Other", "head": "other", "base": "main"}
    refused, opened = [await scene.request("POST", PULLS, json=body) for _ in range(2)]
    assert (refused.status_code, opened.status_code) == (422, 201)
    assert refused.json()["errors"] == [{"resource": "PullRequest", "field": "head", "code": "invalid"}]
    heads += [(await scene.request("GET", PULL)).json()["head"]["sha"]]
    assert heads == [old, old, old, new]


async def test_a_pull_request_from_a_fork_follows_the_fork(scene: Scene) -> None:
    """Its head is another repository's; the App hears of it here; the CI here tests it."""
    fork = scene.github.fork(scene.repo, "bob")
    await scene.github.push(fork, "work", {"new.py": "\n"}, by="bob")
    await scene.github.open_pull_request(
        scene.repo, PullDraft("Work", "bob:work", "main", maintainer_can_modify=True), by="bob"
    )
    sha = await scene.github.push(fork, "work", {"new.py": "1\n"}, by="acme")
    await scene.github.settle()
    shown = (await scene.request("GET", PULL)).json()
    assert (shown["head"]["label"], shown["head"]["sha"]) == ("bob:work", sha)
    assert (shown["head"]["repo"]["full_name"], shown["head"]["repo"]["fork"]) == ("bob/calc", True)
    assert (shown["base"]["repo"]["full_name"], shown["maintainer_can_modify"]) == ("acme/calc", True)
    assert scene.mailbox.last("pull_request.synchronize")["sender"]["login"] == "acme"
    assert [check.conclusion for check in scene.github.check_runs(scene.repo, sha)] == ["success"]
    assert "push" not in scene.mailbox.events
    assert len((await scene.request("GET", f"{CALC}/pulls", params={"head": "bob:work"})).json()) == 1
    assert (await scene.request("GET", "/repos/bob/calc")).status_code == 404
    merged = await scene.github.merge(scene.repo, 2)
    assert merged.state == "closed"


async def test_a_base_can_be_changed(scene: Scene) -> None:
    """The edit tells where it was aimed before; a branch that is not there is refused."""
    await scene.github.push(scene.repo, "next", {"next.py": "\n"})
    await scene.github.push(scene.repo, "work", {"new.py": "\n"})
    await scene.github.open_pull_request(scene.repo, WORK)
    changed = await scene.request("PATCH", PULL, json={"base": "next", "title": "Next"})
    assert (changed.json()["base"]["ref"], changed.json()["title"]) == ("next", "Next")
    assert (await scene.request("PATCH", PULL, json={"base": "nowhere"})).status_code == 422
    await scene.github.settle()
    told = [it.json["changes"] for it in scene.mailbox.letters if it.event == "pull_request.edited"]
    assert told[0]["base"]["ref"] == {"from": "main"}
    assert told[1] == {"title": {"from": "Work"}}


async def test_asking_for_a_review_is_told_and_ends_with_the_review(scene: Scene) -> None:
    """Each person is asked once, and is waited for until they said something."""
    scene.github.set_permission(scene.repo, "bob", "write")
    await scene.github.push(scene.repo, "work", {"new.py": "\n"})
    await scene.github.open_pull_request(scene.repo, WORK)
    for _ in range(2):
        await scene.request("POST", f"{PULL}/requested_reviewers", json={"reviewers": ["bob"]})
    waiting = (await scene.request("GET", PULL)).json()["requested_reviewers"]
    await scene.github.review(scene.repo, 2, ReviewDraft("APPROVE"), by="bob")
    assert [it["login"] for it in waiting] == ["bob"]
    assert (await scene.request("GET", PULL)).json()["requested_reviewers"] == []
    await scene.github.settle()
    assert scene.mailbox.events.count("pull_request.review_requested") == 1
    told = scene.mailbox.last("pull_request.review_requested")
    assert told["requested_reviewer"]["login"] == "bob"


async def test_a_commit_knows_its_pull_requests(scene: Scene) -> None:
    """Every commit that it brings leads to it; those of the base do not."""
    first = await scene.github.push(scene.repo, "work", {"new.py": "\n"})
    await scene.github.push(scene.repo, "work", {"new.py": "1\n"})
    await scene.github.open_pull_request(scene.repo, WORK)
    for ref, numbers in ((first, [2]), ("work", [2]), ("main", [])):
        found = (await scene.request("GET", f"{CALC}/commits/{ref}/pulls")).json()
        assert [it["number"] for it in found] == numbers, ref


async def test_the_state_of_merging_follows_checks_and_drafts(scene: Scene) -> None:
    """`blocked` until the required check passed, `unstable` with another that failed, `draft` for drafts."""
    scene.github.require_checks(scene.repo, "test", "lint")
    sha = await scene.github.push(scene.repo, "work", {"new.py": "\n"})
    await scene.github.open_pull_request(scene.repo, WORK)
    await scene.github.settle()
    states = [(await scene.request("GET", PULL)).json()["mergeable_state"]]
    for name, conclusion in (("lint", "success"), ("extra", "failure")):
        body = {"name": name, "head_sha": sha, "conclusion": conclusion}
        await scene.request("POST", f"{CALC}/check-runs", json=body)
        states.append((await scene.request("GET", PULL)).json()["mergeable_state"])
    scene.github.merging(scene.repo).set_draft(2, draft=True)
    states.append((await scene.request("GET", PULL)).json()["mergeable_state"])
    assert states == ["blocked", "clean", "unstable", "draft"]


async def test_comments_on_lines_are_reacted_to(scene: Scene) -> None:
    """With the permission for pull requests; the comment counts it; it can be taken back."""
    await scene.github.push(scene.repo, "work", {"new.py": "1\n"})
    await scene.github.open_pull_request(scene.repo, WORK)
    await scene.github.review(scene.repo, 2, ReviewDraft(comments=(Remark("new.py", 1, "?"),)), by="bob")
    [remark] = scene.repo.review_comments
    url = f"{CALC}/pulls/comments/{remark}"
    token = await scene.token(permissions={"pull_requests": "write"})
    given = await scene.request_as(token, "POST", f"{url}/reactions", json={"content": "rocket"})
    assert given.status_code == 201
    assert (await scene.request("GET", url)).json()["reactions"]["rocket"] == 1
    gone = await scene.request_as(token, "DELETE", f"{url}/reactions/{given.json()['id']}")
    assert (gone.status_code, (await scene.request("GET", f"{url}/reactions")).json()) == (204, [])
    weak = await scene.token(permissions={"issues": "write"})
    assert (await scene.request_as(weak, "POST", f"{url}/reactions", json={"content": "eyes"})).status_code == 403
