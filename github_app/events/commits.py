"""Events of commits: their checks, the buttons of our own check run, and branches that move.

They often name no pull request, and never its author, but always their commit; who waits for its CI has that as its
address. Whether anybody else has to know, the branch says, or who made the commit: a branch may begin in any way.
"""

import re

from github_app.events.hints import Hint, to_base, to_mailbox, to_pulls, to_watch
from github_app.events.notice import LARGEST_ID, OUR_BRANCHES, Notice
from workflows.ci import is_bad
from workflows.model import Button, Delivery, EventKind, Item
from workflows.model.repositories import BasePush, RedCheck

BRANCH = "refs/heads/"
RED_STATES = frozenset({"error", "failure"})
OUR_CHECK_RUN = re.compile(r"([a-z-]{1,20}):(\d{1,16})#(\d{1,10})/.{1,100}")
"""How our check runs name the processor they belong to, and with it the item: `build:42#7/…`."""


def check_run(notice: Notice) -> tuple[Hint, ...]:
    """Read `check_run`: the end of a check, or something pressed on ours; only its own App is told of the latter."""
    match notice.action:
        case "completed":
            return _ended(notice, "check_run", notice.text("check_run", "check_suite", "head_branch"))
        case "requested_action":
            return _pressed(notice, notice.text("requested_action", "identifier") or "")
        case "rerequested":
            return _pressed(notice, Button.RETRY)
        case _:
            return ()


def check_suite(notice: Notice) -> tuple[Hint, ...]:
    """Read `check_suite`: all checks of one App are through, or begin again."""
    if notice.action == "rerequested":
        return _to_watch(notice, notice.sha("check_suite", "head_sha"))
    return _ended(notice, "check_suite", notice.text("check_suite", "head_branch"))


def workflow_run(notice: Notice) -> tuple[Hint, ...]:
    """Read `workflow_run`: a run of GitHub Actions is through."""
    return _ended(notice, "workflow_run", notice.text("workflow_run", "head_branch"))


def status(notice: Notice) -> tuple[Hint, ...]:
    """Read `status`: other CI said something."""
    sha, red = notice.sha("sha"), notice.text("state") in RED_STATES
    on_ours = any(_is_our_branch(branch.text("name")) for branch in notice.listed("branches"))
    by_us = notice.is_our_name("commit", "commit", "committer", "name")
    return (*_to_watch(notice, sha), *(_to_pulls(notice, sha) if red and (on_ours or by_us) else ()))


def push(notice: Notice) -> tuple[Hint, ...]:
    """Read `push`: a branch has moved, to which pull requests may aim; one that was deleted has no newest commit."""
    ref, sha = notice.text("ref") or "", notice.sha("after")
    address, sender = notice.repository(), notice.sender()
    if not (ref.startswith(BRANCH) and sha and address and sender):
        return ()
    return (to_base(BasePush(notice.delivery_id, ref.removeprefix(BRANCH), sha, address, sender)),)


def _ended(notice: Notice, noun: str, branch: str | None) -> tuple[Hint, ...]:
    """Tell who waits for the commit; a bad end also those who wait no more, but for that of our own checks."""
    if notice.action != "completed":
        return ()
    sha, our_check = notice.sha(noun, "head_sha"), notice.text(noun, "app", "slug") == notice.policy.app_slug
    red = is_bad(notice.text(noun, "conclusion") or "") and not our_check
    ours = _is_our_branch(branch) or notice.is_our_name(noun, "head_commit", "committer", "name")
    return (*_to_watch(notice, sha), *(_to_pulls(notice, sha) if red and ours else ()))


def _to_watch(notice: Notice, sha: str | None) -> tuple[Hint, ...]:
    repository = notice.number("repository", "id")
    return (to_watch(repository, sha, notice.delivery_id),) if repository and sha else ()


def _to_pulls(notice: Notice, sha: str | None) -> tuple[Hint, ...]:
    address, sender = notice.repository(), notice.sender()
    return (to_pulls(RedCheck(notice.delivery_id, sha, address, sender)),) if sha and address and sender else ()


def _is_our_branch(branch: str | None) -> bool:
    return branch is not None and branch.startswith(OUR_BRANCHES)


def _pressed(notice: Notice, button: str) -> tuple[Hint, ...]:
    """Read what was pressed for the item that our check run is about; where the run is shown is another matter."""
    named, where = OUR_CHECK_RUN.fullmatch(notice.text("check_run", "external_id") or ""), notice.repository()
    sender = notice.trusted_sender()
    if button not in set(Button) or not (named and where and sender) or int(named[2]) != where.repository_id:
        return ()
    number = int(named[3])
    if not 0 < number <= LARGEST_ID:
        return ()
    item = Item(where.installation_id, where.repository_id, number)
    delivery = Delivery(notice.delivery_id, EventKind.PRESSED, item, sender, label=button, work=named[1])
    return (to_mailbox(delivery, f"#{item.number}", opens=True),)
