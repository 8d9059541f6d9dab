"""Who may do what: JWTs, installation tokens, permissions."""

import time
from collections.abc import Mapping
from datetime import timedelta

import jwt
import pytest
from githubkit.exception import RequestFailed
from local_scene import Scene

from github_app.demo.github import PullDraft
from github_app.demo.github.model import new_private_key

ISSUE = "/repos/acme/calc/issues/1"


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({"exp": 3600}, 401, "'Expiration time' claim ('exp') is too far in the future"),
        ({"exp": -1}, 401, "'Expiration time' claim ('exp') must be a numeric value"),
        ({"exp": "soon"}, 401, "'Expiration time' claim ('exp') must be a numeric value"),
        ({"iat": 300}, 401, "'Issued at' claim ('iat') must be an Integer"),
        ({"iss": "4712"}, 404, "Integration not found"),
    ],
)
async def test_a_jwt_with_a_wrong_claim_is_refused(
    scene: Scene, changes: Mapping[str, object], status: int, message: str
) -> None:
    """GitHub allows ten minutes from now, nothing issued tomorrow, and only Apps it knows; times are given from now."""
    now = int(time.time())
    claims = {name: now + it if isinstance(it, int) else it for name, it in changes.items()}
    answer = await scene.request_as(scene.jwt(**claims), "GET", "/app")
    assert answer.status_code == status
    assert message in answer.json()["message"]


async def test_a_jwt_of_another_key_or_algorithm_is_refused(scene: Scene) -> None:
    """Only the App's own key signs for it."""
    claims = jwt.decode(scene.jwt(), options={"verify_signature": False})
    forged = jwt.encode(claims, new_private_key(), algorithm="RS256")
    weak = jwt.encode(claims, "a secret that is long enough for hmac", algorithm="HS256")
    for value in (forged, weak, "not.a.jwt"):
        answer = await scene.request_as(value, "GET", "/app")
        assert (answer.status_code, answer.json()["message"]) == (401, "A JSON web token could not be decoded")


async def test_a_request_without_credentials_is_refused(scene: Scene) -> None:
    """An App that forgets its token is told so, even about public things."""
    answer = await scene.request_as("", "GET", ISSUE)
    assert (answer.status_code, answer.json()["message"]) == (401, "Requires authentication")


async def test_app_and_installation_each_keep_to_their_endpoints(scene: Scene) -> None:
    """The JWT does not read issues, and the token does not read the App."""
    assert (await scene.request_as(scene.jwt(), "GET", ISSUE)).status_code == 403
    assert (await scene.request("GET", "/app")).status_code == 401


async def test_a_token_does_no_more_than_it_was_narrowed_to(scene: Scene) -> None:
    """A token for reading issues writes none and reads no code."""
    github = scene.as_installation(permissions={"issues": "read"})
    assert (await github.rest.issues.async_get("acme", "calc", 1)).parsed_data.title == "Divide"
    with pytest.raises(RequestFailed) as wrote:
        await github.rest.issues.async_create_comment("acme", "calc", 1, data={"body": "no"})
    with pytest.raises(RequestFailed) as read:
        await github.rest.repos.async_get_branch("acme", "calc", "main")
    assert {wrote.value.response.status_code, read.value.response.status_code} == {403}
    assert wrote.value.response.json()["message"] == "Resource not accessible by integration"


async def test_a_token_for_one_repository_does_not_see_the_other(scene: Scene) -> None:
    """What is outside is not there."""
    scene.github.add_repository("acme", "other", files={"a": "a"})
    for narrow in ({"repository_ids": [scene.repo.id]}, {"repositories": ["calc"]}):
        github = scene.as_installation(**narrow)
        found = (await github.rest.apps.async_list_repos_accessible_to_installation()).parsed_data
        assert [repository.name for repository in found.repositories] == ["calc"]
        with pytest.raises(RequestFailed, match="404"):
            await github.rest.repos.async_get("acme", "other")


@pytest.mark.parametrize(
    "wanted",
    [
        {"permissions": {"administration": "write"}},
        {"permissions": {"metadata": "write"}},
        {"repositories": ["nowhere"]},
        {"repository_ids": [1]},
    ],
)
async def test_a_token_is_never_wider_than_the_installation(scene: Scene, wanted: dict[str, object]) -> None:
    """Asking for more is an error, not a smaller token."""
    assert (await scene.mint(**wanted)).status_code == 422


async def test_a_token_lives_for_an_hour(scene: Scene) -> None:
    """One second more and it is worth nothing."""
    token = await scene.token()
    scene.github.advance(timedelta(minutes=59))
    assert (await scene.request_as(token, "GET", ISSUE)).status_code == 200
    scene.github.advance(timedelta(minutes=1, seconds=1))
    answer = await scene.request_as(token, "GET", ISSUE)
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


async def test_a_revoked_token_is_worth_nothing(scene: Scene) -> None:
    """A token can be given back before its hour is over."""
    token = await scene.token()
    assert (await scene.request_as(token, "DELETE", "/installation/token")).status_code == 204
    assert (await scene.request_as(token, "GET", ISSUE)).status_code == 401


async def test_pull_request_permission_opens_the_conversation_of_pull_requests_only(scene: Scene) -> None:
    """The same endpoint serves both; the permission follows what the number names."""
    await scene.github.push(scene.repo, "work", {"new.py": "TWO = 2\n"})
    await scene.github.open_pull_request(scene.repo, PullDraft("Two", "work", "main"))
    token = await scene.token(permissions={"pull_requests": "write"})
    on_issue = await scene.request_as(token, "POST", f"{ISSUE}/comments", json={"body": "hi"})
    on_pull = await scene.request_as(token, "POST", "/repos/acme/calc/issues/2/comments", json={"body": "hi"})
    assert (on_issue.status_code, on_pull.status_code) == (403, 201)


async def test_every_call_is_logged_with_what_it_needed_and_what_it_had(scene: Scene) -> None:
    """Least privilege can be proved from the log."""
    await scene.request_as(await scene.token(permissions={"issues": "read"}), "GET", ISSUE)
    minted, call = scene.github.calls[-2:]
    assert (minted.actor, minted.method, minted.status) == ("app", "POST", 201)
    assert (call.actor, call.path, call.status) == ("installation", ISSUE, 200)
    assert call.needs == ("issues:read", "pull_requests:read")
    assert call.permissions == {"issues": "read", "metadata": "read"}
