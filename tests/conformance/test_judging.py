"""The judges find what is wrong: each planted violation is told, and what is right passes."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from description import Description, described
from excuses import EXCUSES, inexcusable
from judging import Violation, judge, recorded
from privileges import too_wide, unused
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from github_app.demo.github.model import Call
from github_app.demo.github.recording import Recorder

USER = {"type": "object", "properties": {"login": {"type": "string"}}, "required": ["login"]}
ORGANIZATION = {"type": "object", "properties": {"slug": {"type": "string"}}, "required": ["slug"]}
STATE = {"type": "string", "enum": ["open", "closed"]}
ISSUE = {
    "type": "object",
    "required": ["id", "closed_at", "user"],
    "properties": {
        "id": {"type": "integer"},
        "closed_at": {"type": "string", "format": "date-time", "nullable": True},
        "state": STATE,
        "user": {"oneOf": [{"$ref": "#/components/schemas/user"}, {"$ref": "#/components/schemas/organization"}]},
    },
}
RIGHT = {"id": 1, "closed_at": None, "state": "open", "user": {"login": "ada"}}


def with_json(schema: dict[str, Any]) -> dict[str, Any]:
    """Say that something is JSON."""
    return {"content": {"application/json": {"schema": schema}}}


def small() -> Description:
    """Describe an API of one operation and one webhook, in the manner of GitHub's."""
    issue = {"$ref": "#/components/schemas/issue"}
    page = {"name": "page", "in": "query", "schema": {"type": "integer"}}
    update = {
        "operationId": "issues/update",
        "parameters": [page],
        "requestBody": with_json({"type": "object", "properties": {"state": STATE}}),
        "responses": {"200": with_json(issue), "204": {}},
    }
    closed = {"requestBody": with_json({"type": "object", "properties": {"issue": issue}, "required": ["issue"]})}
    error = {"type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]}
    schemas = {"issue": ISSUE, "user": USER, "organization": ORGANIZATION, "basic-error": error}
    return described(
        {
            "paths": {"/repos/{owner}/{repo}/issues/{issue_number}": {"patch": update}},
            "x-webhooks": {"issues-closed": {"post": closed}},
            "components": {"schemas": schemas},
        }
    )


def exchanged(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    """Make a recorded exchange in which all is right."""
    return {
        "kind": "exchange",
        "method": "PATCH",
        "path": "/repos/acme/calc/issues/1",
        "query": "page=2",
        "agent": "aidp/0.1",
        "body": {"state": "closed"},
        "status": 200,
        "answer": RIGHT,
        "actor": "installation",
        "needs": ["issues:write"],
        "permissions": {"metadata": "read", "issues": "write"},
    } | changes


def judged(**changes: Any) -> list[tuple[str, str, str]]:  # noqa: ANN401  # JSON
    """Judge one exchange."""
    found = judge(small(), [exchanged(**changes)]).violations
    return [(violation.side, violation.path, violation.says) for violation in found]


def test_what_is_right_passes() -> None:
    """Null where it may be, one of the alternatives, an error GitHub need not describe, an answer without a body."""
    assert judged() == []
    assert judged(answer=RIGHT | {"closed_at": "2026-01-01T00:00:00Z", "user": {"slug": "acme"}}) == []
    assert judged(status=404, answer={"message": "Not Found"}) == []
    assert judged(status=204, answer=None) == []


def test_a_wrong_answer_is_told() -> None:
    """Type, format, closed set, missing field, alternative, status: each by its place."""
    assert judged(answer=RIGHT | {"id": "1"}) == [("answer", "$.id", 'it is not of type "integer"')]
    assert judged(answer=RIGHT | {"closed_at": "now"}) == [("answer", "$.closed_at", 'it is not a "date-time"')]
    assert [where for _, where, _ in judged(answer=RIGHT | {"state": "done"})] == ["$.state"]
    assert judged(answer={"id": 1, "closed_at": None}) == [("answer", "$", '"user" is a required property')]
    assert judged(answer=RIGHT | {"user": {"login": 1}}) == [("answer", "$.user.login", 'it is not of type "string"')]
    assert judged(status=201) == [("answer", "$", "GitHub does not answer 201 here")]
    assert judged(status=204) == [("answer", "$", "GitHub answers without a body here")]


def test_a_wrong_request_is_told() -> None:
    """What GitHub would ignore in silence is told as well."""
    assert [side for side, *_ in judged(body={"state": "closed", "reason": "done"})] == ["request"]
    assert judged(query="pages=2") == [("request", "?pages", "GitHub knows no such parameter")]
    assert judged(query="page=two") == [("request", "?page", "two is no number")]
    assert judged(method="DELETE") == [("request", "$", "GitHub has no such operation")]
    assert judged(agent="curl", body={"state": 1}, status=422, answer={"message": "No"}) == []  # a story's, on purpose


def test_a_wrong_webhook_is_told() -> None:
    """By event and action; one that GitHub does not know is wrong as a whole."""
    right = {"kind": "webhook", "event": "issues", "payload": {"action": "closed", "issue": RIGHT}}
    lacking = right | {"payload": {"action": "closed"}}
    unknown = right | {"payload": {"action": "finished", "issue": RIGHT}}
    assert judge(small(), [right]).violations == []
    assert [it.says for it in judge(small(), [lacking]).violations] == ['"issue" is a required property']
    assert [it.says for it in judge(small(), [unknown]).violations] == ["GitHub sends no such webhook"]


def test_a_token_that_opens_too_much_is_told() -> None:
    """One repository, one permission; and it is the one that the call needs."""
    mint = exchanged(method="POST", path="/app/installations/7/access_tokens", status=201, actor="app")
    narrow = mint | {"body": {"repository_ids": [1], "permissions": {"issues": "write"}}}
    wide: list[dict[str, Any]] = [mint | {"body": {}}, mint | {"body": {"permissions": {"issues": "write"}}}]
    two = exchanged(permissions={"issues": "write", "contents": "read"})
    other = exchanged(needs=["contents:read"])
    assert list(too_wide([narrow, exchanged()])) == []
    assert [bool(list(too_wide([entry]))) for entry in (*wide, two, other)] == [True] * 4


def test_a_permission_that_nothing_needs_is_told() -> None:
    """Also when it is only higher than needed."""
    granted = {"metadata": "read", "issues": "write"}
    reading = exchanged(needs=["issues:read"])
    assert list(unused([exchanged()], granted)) == []
    assert [it.operation for it in unused([reading], granted)] == ["issues: write"]
    assert [it.operation for it in unused([exchanged()], granted | {"checks": "read"})] == ["checks: read"]


def test_an_excuse_covers_what_it_names_and_no_more() -> None:
    """The same fault elsewhere is one."""
    excuse = EXCUSES[0]
    meant = Violation(excuse.side, excuse.operation, excuse.path, "anything")
    elsewhere = Violation(excuse.side, excuse.operation, "$[].id", "anything")
    assert inexcusable([meant, elsewhere]) == [elsewhere]


async def test_the_recorder_keeps_one_of_each_shape(tmp_path: Path) -> None:
    """Numbers and free text do not make a new shape, another field or another word of a closed set does."""

    async def answer(request: Request) -> JSONResponse:
        request.state.call = Call("POST", request.url.path, 200, "app", ("app",), {}, datetime.now(UTC))
        return JSONResponse(await request.json())

    app = Starlette(routes=[Route("/repos/{number}", answer, methods=["POST"])])
    transport = httpx.ASGITransport(Recorder(app, tmp_path / "kept.jsonl"))
    bodies = [{"id": 1, "state": "open"}, {"id": 2, "state": "open"}, {"id": 3, "state": "closed"}, {"id": 4}]
    async with httpx.AsyncClient(transport=transport, base_url="http://github") as http:
        for number, body in enumerate(bodies):
            assert (await http.post(f"/repos/{number}", json=body)).json() == body
    assert [entry["answer"]["id"] for entry in recorded(tmp_path)] == [1, 3, 4]
