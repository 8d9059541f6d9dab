"""What owners do: names, archives, visibility, and whether the App may do anything at all."""

from datetime import timedelta
from pathlib import Path

import pytest
from githubkit.webhooks import parse_obj
from local_scene import Scene

from activities.process import Command, run
from github_app.demo.github.git import ENV

ISSUE = "/repos/acme/calc/issues/1"


async def test_a_renamed_repository_is_found_by_its_old_name_and_its_id(scene: Scene) -> None:
    """301 to the address with the id; git finds it too; the webhook says what it was called."""
    scene.github.owning(scene.repo).rename("sums")
    answer = await scene.request("GET", ISSUE)
    assert answer.status_code == 301
    there = answer.headers["location"]
    assert there == f"{scene.github.url}/repositories/{scene.repo.id}/issues/1"
    assert (await scene.request("GET", there)).json()["title"] == "Divide"
    assert (await scene.request("GET", "/repos/acme/sums/issues/1")).status_code == 200
    url = scene.github.url.replace("http://", f"http://x-access-token:{await scene.token()}@")
    listed = await run(Command(("git", "ls-remote", f"{url}/acme/calc.git"), Path(scene.repo.path), ENV))
    assert b"refs/heads/main" in listed.stdout
    await scene.github.settle()
    told = scene.mailbox.last("repository.renamed")
    assert told["changes"]["repository"]["name"]["from"] == "calc"
    assert told["repository"]["full_name"] == "acme/sums"


async def test_a_transferred_repository_is_out_of_reach(scene: Scene) -> None:
    """The App stays with the old owner; it is told both."""
    token = await scene.token()
    scene.github.owning(scene.repo).transfer(scene.github.add_user("bob"))
    assert (await scene.request_as(token, "GET", "/repos/bob/calc")).status_code == 404
    await scene.github.settle()
    assert scene.mailbox.events[-1] == "installation_repositories.removed"


async def test_nothing_is_written_to_an_archive(scene: Scene, tmp_path: Path) -> None:
    """403 in GitHub's words, for REST and for git; reading goes on, and so does writing afterwards."""
    scene.github.owning(scene.repo).archive()
    refused = await scene.request("POST", f"{ISSUE}/comments", json={"body": "hi"})
    assert (refused.status_code, refused.json()["message"]) == (403, "Repository was archived so is read-only.")
    assert (await scene.request("GET", "/repos/acme/calc")).json()["archived"] is True
    url = scene.github.url.replace("http://", f"http://x-access-token:{await scene.token()}@") + "/acme/calc.git"
    await run(Command(("git", "clone", "--quiet", url, "w"), tmp_path, ENV))
    pushed = await run(Command(("git", "push", url, "HEAD:work"), tmp_path / "w", ENV, merge_stderr=True))
    assert b"403" in pushed.stdout
    scene.github.owning(scene.repo).unarchive()
    assert (await scene.request("POST", f"{ISSUE}/comments", json={"body": "hi"})).status_code == 201
    await scene.github.settle()
    assert {"repository.archived", "repository.unarchived"} <= set(scene.mailbox.events)


async def test_a_repository_is_made_public_and_deleted(scene: Scene) -> None:
    """`publicized` and `public`; then it is not there."""
    hidden = scene.github.add_repository("acme", "secret", files={"a": "a"}, private=True)
    scene.github.owning(hidden).publicize()
    assert (await scene.request("GET", "/repos/acme/secret")).json()["visibility"] == "public"
    scene.github.owning(hidden).delete()
    assert (await scene.request("GET", "/repos/acme/secret")).status_code == 404
    await scene.github.settle()
    assert scene.mailbox.events[-3:] == ["repository.publicized", "public", "repository.deleted"]


async def test_a_suspended_installation_does_nothing(scene: Scene) -> None:
    """403 for its tokens and for new ones; 200 once it goes on."""
    token, owner = await scene.token(), scene.github.add_user("acme")
    scene.github.installing.suspend(owner)
    refused, unminted = await scene.request_as(token, "GET", ISSUE), await scene.mint()
    for answer in (refused, unminted):
        assert (answer.status_code, answer.json()["message"]) == (403, "This installation has been suspended")
    shown = (await scene.request_as(scene.jwt(), "GET", f"/app/installations/{scene.installation_id}")).json()
    assert shown["suspended_by"]["login"] == "acme"
    scene.github.installing.unsuspend(owner)
    assert (await scene.request_as(token, "GET", ISSUE)).status_code == 200
    await scene.github.settle()
    assert scene.mailbox.events[-2:] == ["installation.suspend", "installation.unsuspend"]


async def test_an_uninstalled_app_is_out(scene: Scene) -> None:
    """Its tokens are worth nothing, there are no new ones, and it is the last that it hears."""
    token, installation_id = await scene.token(), scene.installation_id
    scene.github.installing.uninstall(scene.github.add_user("acme"))
    assert (await scene.request_as(token, "GET", ISSUE)).status_code == 401
    minted = await scene.request_as(scene.jwt(), "POST", f"/app/installations/{installation_id}/access_tokens")
    assert minted.status_code == 404
    await scene.github.comment(scene.repo, 1, "ada", "Anybody?")
    await scene.github.settle()
    assert scene.mailbox.events[-1] == "installation.deleted"


async def test_new_permissions_count_once_they_are_accepted(scene: Scene) -> None:
    """A token for them is refused before, and given after."""
    wanted = {"permissions": {"workflows": "write"}}
    assert (await scene.mint(**wanted)).status_code == 422
    permissions = dict(scene.github.world.app.permissions) | {"workflows": "write"}
    scene.github.installing.accept(scene.github.add_user("acme"), permissions)
    assert (await scene.mint(**wanted)).status_code == 201
    await scene.github.settle()
    told = scene.mailbox.last("installation.new_permissions_accepted")
    assert told["installation"]["permissions"]["workflows"] == "write"


async def test_an_issue_that_was_deleted_or_moved_says_so(scene: Scene) -> None:
    """410, or 301 to where it went with its conversation; its number is not given again."""
    other = scene.github.add_repository("acme", "other", files={"a": "a"})
    gone = await scene.github.create_issue(scene.repo, "ada", "Oops")
    await scene.github.label_issue(scene.repo, 1, "bug")
    await scene.github.comment(scene.repo, 1, "ada", "Take me along")
    lost = await scene.github.comment(scene.repo, gone.number, "ada", "Oops indeed")
    scene.github.owning(scene.repo).delete_issue(gone.number)
    scene.github.owning(scene.repo).transfer_issue(1, other)
    assert (await scene.request("GET", "/repos/acme/calc/issues/2")).status_code == 410
    assert (await scene.request("GET", f"/repos/acme/calc/issues/comments/{lost.id}")).status_code == 404
    moved = await scene.request("GET", ISSUE)
    assert moved.status_code == 301
    there = (await scene.request("GET", moved.headers["location"])).json()
    assert (there["title"], there["labels"][0]["name"], there["comments"]) == ("Divide", "bug", 1)
    assert (await scene.github.create_issue(scene.repo, "ada", "Next")).number == 3
    await scene.github.settle()
    told = [event for event in scene.mailbox.events if event.startswith("issues")][-4:]
    assert told == ["issues.deleted", "issues.transferred", "issues.opened", "issues.opened"]


async def test_the_webhooks_of_owners_have_githubs_shape(scene: Scene) -> None:
    """Githubkit reads each of them."""
    acme, other = scene.github.add_user("acme"), scene.github.add_repository("acme", "other", files={"a": "a"})
    scene.github.owning(scene.repo).transfer_issue(1, other)
    scene.github.installing.suspend(acme)
    scene.github.installing.unsuspend(acme)
    owning = scene.github.owning(other)
    for deed in (owning.archive, owning.unarchive, owning.publicize, owning.delete):
        deed()
    scene.github.owning(scene.repo).transfer(scene.github.add_user("bob"))
    scene.github.installing.uninstall(acme)
    await scene.github.settle()
    for letter in scene.mailbox.letters:
        parse_obj(letter.headers["x-github-event"], letter.json)


async def test_the_log_of_deliveries_forgets_after_three_days(scene: Scene) -> None:
    """By the clock of this GitHub."""
    listed = (await scene.request_as(scene.jwt(), "GET", "/app/hook/deliveries")).json()
    full = (await scene.request_as(scene.jwt(), "GET", f"/app/hook/deliveries/{listed[0]['id']}")).json()
    assert full["url"] == scene.github.world.hook_url
    assert full["request"]["payload"]["action"] == "opened"
    scene.github.advance(timedelta(days=3, seconds=1))
    assert (await scene.request_as(scene.jwt(), "GET", "/app/hook/deliveries")).json() == []
    again = f"/app/hook/deliveries/{listed[0]['id']}/attempts"
    assert (await scene.request_as(scene.jwt(), "POST", again)).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "event"),
    [
        ("repos/acme/calc/owner/rename", {"name": "sums"}, "repository.renamed"),
        ("repos/acme/calc/owner/archive", {}, "repository.archived"),
        ("repos/acme/calc/owner/transfer", {"owner": "bob"}, "installation_repositories.removed"),
        ("installations/acme/suspend", {}, "installation.suspend"),
        ("installations/acme/accept", {"permissions": {"issues": "read"}}, "installation.new_permissions_accepted"),
        ("installations/acme/uninstall", {}, "installation.deleted"),
    ],
)
async def test_another_process_can_do_what_owners_do(
    scene: Scene, path: str, body: dict[str, object], event: str
) -> None:
    """Each deed has its address."""
    assert (await scene.http.post(f"/_local/{path}", json=body)).status_code == 200
    await scene.github.settle()
    assert scene.mailbox.events[-1] == event
    assert (await scene.http.post("/_local/installations/acme/dance", json={})).status_code == 404
