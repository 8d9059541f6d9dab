"""What is known to differ from GitHub's description, each with the reason why that is right."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from judging import Violation


@dataclass(frozen=True, slots=True)
class Excuse:
    """Violations that are none; `*` stands for anything in `operation` and `path`."""

    side: str
    operation: str
    path: str
    reason: str

    def covers(self, violation: Violation) -> bool:
        """Whether this is what is meant."""
        return (
            self.side == violation.side
            and fnmatchcase(violation.operation, self.operation)
            and fnmatchcase(violation.path, self.path.replace("[]", "[[]]"))
        )


EXCUSES = (
    Excuse(
        "answer",
        "apps/list-installations 200",
        "$[].account",
        "described as a user and an enterprise at once (allOf); it is one of them, as everywhere else",
    ),
    Excuse(
        "answer",
        "pulls/*review-comment*",
        "*.line",
        "null once the line is gone from the difference (an outdated comment), as the webhooks' schema says",
    ),
    Excuse(
        "answer",
        "pulls/*review-comment*",
        "*.position",
        "... same",
    ),
    Excuse(
        "answer",
        "*",
        "*labels[].description",
        "null where a label has none, as GitHub's description of a label says; that of a pull request forgets it",
    ),
    Excuse(
        "token",
        "GET /repos/*/pulls/*",
        "permissions",
        "ending a draft takes two permissions, and reads the pull request's id with the same token first",
    ),
    Excuse(
        "token",
        "POST /app/installations/*/access_tokens",
        "repository_ids",
        "reconciliation looks at all repositories of an installation with one query; its token can only read",
    ),
    Excuse(
        "token",
        "GET /installation/repositories",
        "permissions",
        "the token of the look that follows: one more would be one more call in every idle hour",
    ),
    Excuse(
        "token",
        "GET /repos/*/issues/comments",
        "permissions",
        "... same: where a look finds something new, it reads on with its token",
    ),
    Excuse(
        "token",
        "GET /repos/*/issues",
        "permissions",
        "... same",
    ),
    Excuse(
        "token",
        "GET /repos/*/issues/*/events",
        "permissions",
        "... same",
    ),
    Excuse(
        "token",
        "GET /repos/*/pulls",
        "permissions",
        "... same",
    ),
    Excuse(
        "token",
        "GET /repos/*/labels",
        "permissions",
        "... same",
    ),
    Excuse(
        "token",
        "POST /graphql",
        "permissions",
        "a look also asks for labelled pull requests, which takes no permission where no label is there",
    ),
    Excuse(
        "webhook",
        "issue_dependencies.*",
        "$",
        "described as if there were no repositories of users, which have no organization",
    ),
    Excuse(
        "webhook",
        "*",
        "*.events[]",
        "the described list of events is older than some of them",
    ),
    Excuse(
        "webhook",
        "*",
        "*.email",
        "git takes any text for an address, and those of GitHub's own bots have brackets",
    ),
    Excuse(
        "answer",
        "checks/list-suites-for-ref 200",
        "*.email",
        "... same",
    ),
    Excuse(
        "request",
        "issues/add-labels",
        "$",
        "the operation's text allows a bare array of labels, its schema does not",
    ),
)


def inexcusable(violations: Iterable[Violation]) -> list[Violation]:
    """Leave out what is excused."""
    return [it for it in violations if not any(excuse.covers(it) for excuse in EXCUSES)]


def idle(violations: Iterable[Violation]) -> list[Excuse]:
    """Find the excuses that excuse nothing any more."""
    found = list(violations)
    return [excuse for excuse in EXCUSES if not any(excuse.covers(it) for it in found)]
