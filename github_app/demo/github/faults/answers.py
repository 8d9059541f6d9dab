"""GitHub's words when something is wrong."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from starlette.responses import JSONResponse, Response

from github_app.demo.github.faults.plan import Fault, Kind
from github_app.demo.github.model import Json
from github_app.demo.github.world import invalid_value

DOCS = "https://docs.github.com/rest"
LIMIT_DOCS = f"{DOCS}/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"
CHALLENGE = {"www-authenticate": 'Basic realm="GitHub"'}
RATE_LIMIT = 5000
UNTOLD_WAIT = timedelta(minutes=1)
"""How long nobody may call when GitHub named no time."""
SUPPORT = "If you reach out to GitHub Support for help, please include the request ID {request}."
SECONDARY = f"You have exceeded a secondary rate limit. Please wait a few minutes before you try again. {SUPPORT}"
PRIMARY = f"API rate limit exceeded for installation ID {{installation}}. {SUPPORT}"
NO_SERVER = (
    "No server is currently available to service your request. Sorry about that."
    " Please try resubmitting your request and contact us if the problem persists."
)
SAID = {
    Kind.SERVER_ERROR: (500, "Server Error"),
    Kind.BAD_GATEWAY: (502, "Server Error"),
    Kind.UNAVAILABLE: (503, NO_SERVER),
    Kind.TRUNCATED: (502, "Server Error"),
    Kind.SECONDARY_LIMIT: (403, SECONDARY),
    Kind.TOO_MANY_REQUESTS: (429, SECONDARY),
    Kind.PRIMARY_LIMIT: (403, PRIMARY),
    Kind.TOKEN_EXPIRED: (401, "Bad credentials"),
    Kind.NOT_FOUND_YET: (404, "Not Found"),
    Kind.PUSH_UNSEEN: (422, "Validation Failed"),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is said instead of an answer, and until when nobody may call after that."""

    response: Response
    forbidden_until: datetime | None = None


def trouble(fault: Fault, now: datetime, installation_id: int | None) -> Trouble:
    """Say what GitHub says in such a case."""
    request = uuid.uuid4().hex.upper()
    status, text = SAID[fault.kind]
    message = text.format(request=request, installation=installation_id)
    body: Json = {"message": message, "documentation_url": DOCS, "status": str(status)}
    headers, until = _limit(fault, now)
    if fault.kind in (Kind.SECONDARY_LIMIT, Kind.TOO_MANY_REQUESTS):
        body["documentation_url"] = LIMIT_DOCS
    if fault.kind is Kind.PUSH_UNSEEN:
        body["errors"] = list(invalid_value("PullRequest", "head").errors)
    return Trouble(JSONResponse(body, status, {**headers, "x-github-request-id": request}), until)


def graph_trouble(fault: Fault, now: datetime, installation_id: int | None) -> Trouble:
    """Say what GraphQL says: the same, but for the primary limit, which comes with 200 like all it has against us."""
    if fault.kind is not Kind.PRIMARY_LIMIT:
        return trouble(fault, now, installation_id)
    headers, until = _limit(fault, now)
    message = PRIMARY.format(request=uuid.uuid4().hex.upper(), installation=installation_id)
    body = {"errors": [{"type": "RATE_LIMITED", "message": message}]}
    return Trouble(JSONResponse(body, 200, {**headers, "x-ratelimit-resource": "graphql"}), until)


def git_trouble(fault: Fault, now: datetime, installation_id: int | None) -> Trouble:
    """Say what git hears: the same, but a 401 asks for the password, without which git tries the same one again."""
    said = trouble(fault, now, installation_id)
    if said.response.status_code == HTTPStatus.UNAUTHORIZED:
        said.response.headers.update(CHALLENGE)
    return said


def _limit(fault: Fault, now: datetime) -> tuple[Mapping[str, str], datetime | None]:
    """Name the time, in the header that is for it."""
    match fault.kind, fault.seconds:
        case Kind.PRIMARY_LIMIT, seconds:
            reset = int(now.timestamp() + (seconds or UNTOLD_WAIT.total_seconds()))
            used_up = {"limit": RATE_LIMIT, "remaining": 0, "used": RATE_LIMIT, "reset": reset, "resource": "core"}
            headers = {f"x-ratelimit-{name}": str(value) for name, value in used_up.items()}
            return headers, datetime.fromtimestamp(reset, now.tzinfo)
        case Kind.SECONDARY_LIMIT | Kind.TOO_MANY_REQUESTS, None:
            return {}, now + UNTOLD_WAIT
        case Kind.SECONDARY_LIMIT | Kind.TOO_MANY_REQUESTS | Kind.UNAVAILABLE, float() | int() as seconds:
            return {"retry-after": str(int(seconds))}, now + timedelta(seconds=int(seconds))
        case _:
            return {}, None
