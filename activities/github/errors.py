"""GitHub's refusals as `ApplicationError`s: what kind of failure, when to try again, and what somebody must do."""

import re
import time
from collections.abc import Container, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, cast

from githubkit.exception import GitHubException, RequestError, RequestFailed
from httpx import HTTPError, Response
from pydantic import ValidationError
from temporalio import activity
from temporalio.exceptions import ApplicationError

from workflows.model import Failure
from workflows.ports import NEVER_RETRIED
from workflows.write_limiter import Forbidding

SECONDARY_LIMIT_WAIT = timedelta(seconds=60)  # GitHub's own advice when it does not say how long
LONGEST_WAIT = 3600  # the primary limit is counted by the hour
APPEARS_WITHIN = timedelta(seconds=30)
"""GitHub lags behind itself: so long a 404 may be about what has just been made, and a 401 about a fresh token."""
LOOK_AGAIN = timedelta(seconds=3)
ITEM = re.compile(r"/(issues|pulls)/\d+(/|$)")
UNAUTHORIZED = 401
NOT_FOUND = 404
UNPROCESSABLE = 422
TOO_MANY = 429
RETRY_AFTER = "retry-after"
TOO_QUICKLY = "submitted too quickly"
"""GitHub's limit on content may come as a 422, or as an error in the graph; only the words tell it from a mistake."""

NOT_KNOWN_YET = "GitHub refuses the App's credentials so far; what was only just made is not known everywhere at once."
UNREADABLE = "The answer is not what GitHub's API promises. Check that the configured API address is GitHub's."


@dataclass(frozen=True, slots=True)
class Refusal:
    """A kind of answer, told by its status and words in its message, and what it means for us."""

    statuses: Container[int]
    words: str
    failure: Failure
    text: str


REFUSALS = (  # the first that fits
    Refusal(
        {401},
        "",
        Failure.AUTH_EXPIRED,
        "GitHub refuses the App's credentials. Check the App id, its private key and this host's clock; "
        "a new key can be made in the App's settings.",
    ),
    Refusal(
        {404},
        "Integration not found",
        Failure.AUTH_EXPIRED,
        "GitHub knows no App with this id. Check the App id, and whether the API address is of the same GitHub.",
    ),
    Refusal(
        {403},
        "suspended",
        Failure.PERMANENT,
        "The App's installation is suspended. An owner can lift that in the account's settings, under GitHub Apps.",
    ),
    Refusal(
        {403, 422},
        "not accessible by integration|not granted",
        Failure.CONFIGURATION,
        "The App lacks the permission `{permission}`. Grant it in the App's settings; an owner then accepts it.",
    ),
    Refusal(
        {422},
        "parent installation",
        Failure.PERMANENT,
        "The App has no access to this repository (any more). An owner can add it to the App's installation.",
    ),
    Refusal(
        {301, 302, 307, 308, 404, 410},
        "",
        Failure.PERMANENT,
        "GitHub does not show this to the App: it was deleted or moved, or the App is no longer installed there "
        "({request}).",
    ),
    Refusal({408, 409}, "", Failure.TRANSIENT, "GitHub was interrupted: {said} ({request})"),
    Refusal(range(500, 600), "", Failure.TRANSIENT, "GitHub has trouble: {said} ({request})"),
)
OTHER_REFUSAL = Refusal(range(600), "", Failure.PERMANENT, "GitHub refused: {said} ({request})")


@contextmanager
def explained(permission: str) -> Generator[None]:
    """Turn whatever GitHub refuses in this block into an `ApplicationError`; `permission` is what the block needs."""
    try:
        yield
    except ValidationError:
        raise failed(Failure.PERMANENT, UNREADABLE) from None  # its text repeats the answer, which may hold a token
    except (GitHubException, TimeoutError) as error:
        raise _explanation(error, permission) from None


def failed(failure: Failure, message: str, retry_in: timedelta | None = None) -> ApplicationError:
    """Build the error for a `Failure`, final where trying again changes nothing."""
    final = failure in NEVER_RETRIED
    return ApplicationError(message, type=failure, non_retryable=final, next_retry_delay=retry_in)


def missing(message: str) -> ApplicationError:
    """Build the error for an item that GitHub does not show: final only when it has had the time to."""
    if may_still_appear():
        return failed(Failure.TRANSIENT, message, LOOK_AGAIN)
    return failed(Failure.PERMANENT, message)


def lacks_item(response: Response) -> bool:
    """Whether GitHub does not show an issue or pull request."""
    return response.status_code == NOT_FOUND and bool(ITEM.search(response.request.url.path))


def lacks_grant(response: Response) -> bool:
    """Whether a token was asked to do more than the installation has granted."""
    return response.status_code == UNPROCESSABLE and "not granted" in message_of(response)


def may_still_appear() -> bool:
    """Whether this step was asked for only just now, by Temporal's clock alone."""
    if not activity.in_activity():
        return False
    step = activity.info()
    return step.started_time - step.scheduled_time < APPEARS_WITHIN


def status_of(error: RequestFailed) -> int:
    """Return the HTTP status GitHub answered with; a limit that it calls a mistake is no less a limit."""
    response = error.response.raw_response
    return TOO_MANY if _is_too_quick(response) else response.status_code


def forbidding(response: Response) -> Forbidding | None:
    """Tell whether GitHub wants no more calls now, and for how long if it says so."""
    wait = _named_wait(response)
    if wait or _limited(response, message_of(response)):
        return Forbidding(wait.total_seconds() if wait else None)
    return None


async def spell_wait(response: Response) -> None:
    """Say in seconds how long GitHub wants to be left alone: githubkit takes nothing else, and breaks at a date."""
    asked = response.headers.get(RETRY_AFTER, "")
    if asked and not asked.isdecimal():
        wait = _asked_wait(response) or SECONDARY_LIMIT_WAIT
        response.headers[RETRY_AFTER] = str(int(wait.total_seconds()))


def date_of(response: Response) -> datetime | None:
    """Return the time by GitHub's clock."""
    return _date(response.headers.get("date", ""))


def message_of(response: Response) -> str:
    """Return GitHub's own words, with the details of a 422, in one line."""
    try:
        body: object = response.json()
    except ValueError:
        return response.reason_phrase
    if not isinstance(body, dict):
        return response.reason_phrase
    answer = cast("dict[str, Any]", body)
    texts = [answer.get("message"), *_details(answer.get("errors"))]
    return " ".join(" · ".join(str(text) for text in texts if text).split())[:300]


def _details(errors: object) -> list[object]:
    if not isinstance(errors, list):
        return []
    return [_detail(error) for error in cast("list[object]", errors)]


def _detail(error: object) -> object:
    if not isinstance(error, dict):
        return error
    detail = cast("dict[str, Any]", error)
    return detail.get("message") or " ".join(str(detail[key]) for key in ("field", "code") if key in detail)


def _explanation(error: GitHubException | TimeoutError, permission: str) -> ApplicationError:
    reason = _innermost(error)
    if isinstance(reason, RequestFailed):
        return _refusal(reason.response.raw_response, permission)
    detail = str(reason) if isinstance(reason, HTTPError) else ""
    return failed(Failure.TRANSIENT, f"GitHub did not answer: {detail or type(reason).__name__}")


def _innermost(error: BaseException) -> BaseException:
    """Unwrap githubkit's `RequestError`s: a refused call, or what httpx said."""
    while isinstance(error, RequestError) and not isinstance(error, RequestFailed):
        error = cast("RequestError[Exception]", error).exc
    return error


def _refusal(response: Response, permission: str) -> ApplicationError:
    said = message_of(response)
    if _limited(response, said):
        wait = _named_wait(response) or SECONDARY_LIMIT_WAIT
        return failed(Failure.RATE_LIMITED, f"GitHub's rate limit is reached: {said}", wait)
    kind = next((kind for kind in REFUSALS if _fits(kind, response, said)), OTHER_REFUSAL)
    text = kind.text.format(
        said=f"{response.status_code} {said}",
        request=f"{response.request.method} {response.request.url.path}",
        permission=response.headers.get("x-accepted-github-permissions") or permission.replace(":", "="),
    )
    if lacks_item(response):
        return missing(text)
    if response.status_code == UNAUTHORIZED and may_still_appear():
        return failed(Failure.TRANSIENT, NOT_KNOWN_YET, LOOK_AGAIN)
    return failed(kind.failure, text, _asked_wait(response))


def _fits(kind: Refusal, response: Response, said: str) -> bool:
    return response.status_code in kind.statuses and bool(re.search(kind.words, said))


def _limited(response: Response, said: str) -> bool:
    match response.status_code:
        case 200 | 429:  # GraphQL answers 200; no other refusal has that status
            return True
        case 403:
            return _used_up(response) or RETRY_AFTER in response.headers or "secondary rate limit" in said
        case _:
            return _is_too_quick(response)


def _is_too_quick(response: Response) -> bool:
    return response.status_code == UNPROCESSABLE and TOO_QUICKLY in message_of(response)


def _used_up(response: Response) -> bool:
    return response.headers.get("x-ratelimit-remaining") == "0"


def _named_wait(response: Response) -> timedelta | None:
    """Read when GitHub wants the next call, if it says so."""
    if asked := _asked_wait(response):
        return asked
    reset = response.headers.get("x-ratelimit-reset", "")
    if _used_up(response) and reset.isdecimal():
        return _until(int(reset), response)
    return None


def _asked_wait(response: Response) -> timedelta | None:
    """Read the header in either of its forms, seconds or a date."""
    asked = response.headers.get(RETRY_AFTER, "")
    if asked.isdecimal():
        return timedelta(seconds=int(asked))
    date = _date(asked)
    return _until(date.timestamp(), response) if date else None


def _until(moment: float, response: Response) -> timedelta:
    left = moment - _sent(response) + 1  # both are cut to whole seconds
    return timedelta(seconds=min(max(left, 1), LONGEST_WAIT))


def _sent(response: Response) -> float:
    """Tell when GitHub answered, by its own clock, which is the one its times are about."""
    date = date_of(response)
    return date.timestamp() if date else time.time()


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)  # HTTP knows no other, and its oldest form does not say so
