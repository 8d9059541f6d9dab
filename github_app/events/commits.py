"""Events of commits: their checks, the buttons of our own check run, and branches that move.

They often name no pull request, but always their commit; who waits for its CI has that as its address.
"""

import re

from github_app.events.hints import Hint, to_base, to_mailbox, to_watch
from github_app.events.notice import LARGEST_ID, Notice
from workflows.model import Button, Delivery, EventKind, Item
from workflows.model.repositories import BasePush

BRANCH = "refs/heads/"
OUR_CHECK_RUN = re.compile(r"([a-z-]{1,20}):(\d{1,16})#(\d{1,10})/.{1,100}")
"""How our check runs name the processor they belong to, and with it the item: `build:42#7/…`."""


def check_run(notice: Notice) -> tuple[Hint, ...]:
    """Read `check_run`: the end of a check, or something pressed on ours; only its own App is told of the latter."""
    match notice.action:
        case "completed":
            return _about_commit(notice, "check_run", "head_sha")
        case "requested_action":
            return _pressed(notice, notice.text("requested_action", "identifier") or "")
        case "rerequested":
            return _pressed(notice, Button.RETRY)
        case _:
            return ()


def check_suite(notice: Notice) -> tuple[Hint, ...]:
    """Read `check_suite`: all checks of one App are through, or begin again."""
    return _about_commit(notice, "check_suite", "head_sha") if notice.action in {"completed", "rerequested"} else ()


def workflow_run(notice: Notice) -> tuple[Hint, ...]:
    """Read `workflow_run`: a run of GitHub Actions is through."""
    return _about_commit(notice, "workflow_run", "head_sha") if notice.action == "completed" else ()


def status(notice: Notice) -> tuple[Hint, ...]:
    """Read `status`: other CI said something."""
    return _about_commit(notice, "sha")


def push(notice: Notice) -> tuple[Hint, ...]:
    """Read `push`: a branch has moved, to which pull requests may aim; one that was deleted has no newest commit."""
    ref, sha = notice.text("ref") or "", notice.sha("after")
    address, sender = notice.repository(), notice.sender()
    if not (ref.startswith(BRANCH) and sha and address and sender):
        return ()
    return (to_base(BasePush(notice.delivery_id, ref.removeprefix(BRANCH), sha, address, sender)),)


def _about_commit(notice: Notice, *path: str) -> tuple[Hint, ...]:
    repository, sha = notice.number("repository", "id"), notice.sha(*path)
    return (to_watch(repository, sha, notice.delivery_id),) if repository and sha else ()


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
