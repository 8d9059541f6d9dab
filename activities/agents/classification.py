"""Sorts error messages of agent CLIs and of the model APIs behind them into our kinds of failure."""

import re

from workflows.model import Failure

WORDS = {
    Failure.QUOTA_EXHAUSTED: (
        r"credit balance|insufficient[_ ](quota|credit|funds|balance)|out of (extra usage|credits?)|payment required",
        r"exceeded your current quota|quota (exceeded|exhausted)|billing",
        r"(usage|session|weekly|hour|monthly|spend\w*) limit",
    ),
    Failure.RATE_LIMITED: (r"rate.?limit|too many requests|resource.exhausted|\b429\b",),
    Failure.AUTH_EXPIRED: (
        r"\b40[13]\b|unauthori[sz]ed|forbidden|authenticat|not logged in|log ?in again|/login",
        r"(invalid|incorrect).{0,20}\bkey\b|invalid auth method|token.{0,20}(expired|revoked|invalid)",
        r"\bapi.?key\b.{0,40}(missing|invalid|incorrect|not set|required|expired|revoked)",
    ),
    Failure.CONFIGURATION: (
        r"(unknown|unexpected|unrecogni[sz]ed|invalid|no such) (option|argument|flag|command)|usage:",
        r"model\b.{0,60}\b(not (found|exist|supported|available)|does not exist|may not exist|unknown|invalid)",
        r"(unknown|invalid|unsupported) model|root/sudo|command not found|no such file|not installed",
    ),
    Failure.TRANSIENT: (
        r"\b5\d\d\b|overloaded|high demand|at capacity|temporar|timed?[ -]?out|unavailable|(server|internal).?error",
        r"econn|enotfound|eai_again|connection|network|socket|stream (closed|disconnected)|empty or malformed",
    ),
}
"""Tried from the top: "429, see your plan and billing" is about money, "rate limit: 401 requests" about the rate."""

STATUSES = {
    401: Failure.AUTH_EXPIRED,
    402: Failure.QUOTA_EXHAUSTED,
    403: Failure.AUTH_EXPIRED,
    404: Failure.CONFIGURATION,  # no such model
    408: Failure.TRANSIENT,
    429: Failure.RATE_LIMITED,
}
SERVER_ERROR = 500


def classify(message: str, status: int | None = None) -> Failure:
    """Sort an error by the HTTP status behind it, if there is one, and by its words.

    APIs tell of an empty account with 400, 403 or 429, so there the words win over the status.
    """
    by_words = next((failure for failure, words in WORDS.items() if _any(words, message)), Failure.PERMANENT)
    if by_words is Failure.QUOTA_EXHAUSTED or status is None:
        return by_words
    return Failure.TRANSIENT if status >= SERVER_ERROR else STATUSES.get(status, by_words)


def _any(words: tuple[str, ...], message: str) -> bool:
    return any(re.search(pattern, message, re.IGNORECASE) for pattern in words)
